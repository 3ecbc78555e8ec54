import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { OpenThread } from "@holdfast/app-server-protocol/threads";
import { tempDir } from "@holdfast/testkit";
import { residentMib } from "../resident.ts";
import { median, quantile } from "../statistics.ts";
import { type TurnHost, turnHost } from "./turn-host.ts";

/*
 * What turns of an app server cost when the model answers at once: that is what the server adds to a model. Many threads, many turns, and the memory over them.
 *
 *   node bench/src/host-turns/main.ts [--against 0.171.0] [--threads 100] [--turns 1000] [--smoke]
 */

/** Turns that run at the same time, each way over all threads. */
const AT_ONCE = [1, 8, 100];

const { values } = parseArgs({
  options: {
    against: { type: "string", default: "0.171.0" },
    threads: { type: "string", default: "100" },
    turns: { type: "string", default: "1000" },
    smoke: { type: "boolean", default: false },
  },
});
const threadCount = values.smoke ? 3 : Number(values.threads);
const turnCount = values.smoke ? 6 : Number(values.turns);
const names = ["holdfast", ...values.against.split(",").filter((name) => name !== "")];

await using folder = await tempDir();
const model = spawn(process.execPath, [fileURLToPath(new URL("instant-model.ts", import.meta.url))], {
  stdio: ["ignore", "pipe", "inherit"],
});
const [modelUrl] = (await once(createInterface({ input: model.stdout }), "line")) as [string];

console.log(
  "| server | turns at once | turns | p50, ms | p95, ms | turns a second | memory before → after, MiB | held before → after, MiB |",
);
console.log("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
for (const name of names) {
  const host = await turnHost(name, { folder: folder.path, modelUrl });
  const threads = await Promise.all(
    Array.from({ length: threadCount }, () => host.server.threads.start({ cwd: folder.path, sandbox: "read-only" })),
  );
  // What is loaded at a first turn is not what is asked about.
  for (const thread of threads) await thread.run("begin").result();
  for (const atOnce of AT_ONCE) await measure(host, threads, atOnce);
  await host.server.close();
}
model.kill();

async function measure(
  { name, pid, heapMib }: TurnHost,
  threads: readonly OpenThread[],
  atOnce: number,
): Promise<void> {
  const heapBefore = await heapMib();
  const before = residentMib(pid);
  const times: number[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < turnCount) {
      const thread = threads[next % threads.length];
      next += 1;
      const begin = performance.now();
      await thread?.run("go on").result();
      times.push(performance.now() - begin);
    }
  };
  const begin = performance.now();
  await Promise.all(Array.from({ length: Math.min(atOnce, threads.length) }, work));
  const seconds = (performance.now() - begin) / 1_000;
  const memory = `${before.toFixed(0)} → ${residentMib(pid).toFixed(0)}`;
  const held = heapBefore === undefined ? "" : `${heapBefore.toFixed(1)} → ${(await heapMib())?.toFixed(1)}`;
  const cells = [median(times).toFixed(2), quantile(times, 0.95).toFixed(2), (times.length / seconds).toFixed(0)];
  console.log(
    `| ${name} | ${Math.min(atOnce, threads.length)} | ${times.length} | ${cells.join(" | ")} | ${memory} | ${held} |`,
  );
}
