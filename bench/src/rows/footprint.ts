import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { residentMib } from "../resident.ts";
import type { Row } from "../row.ts";
import { median } from "../statistics.ts";
import { startTarget } from "../target.ts";

const SETTLE_MS = 2_000;
const BARE = "process.stdout.write('\\n'); setInterval(() => {}, 1_000)";

async function withBareNode<T>(look: (pid: number, listeningMs: number) => Promise<T>): Promise<T> {
  const begin = performance.now();
  const child = spawn(process.execPath, ["-e", BARE], { stdio: ["ignore", "pipe", "ignore"] });
  await once(child.stdout, "data");
  try {
    return await look(child.pid ?? 0, performance.now() - begin);
  } finally {
    child.kill("SIGKILL");
  }
}

/** What it takes up before anybody asks for anything. */
export const idleMemory: Row = {
  id: "idle-memory",
  title: "memory, idle (resident)",
  unit: "MiB",
  target: 70,
  better: "lower",
  limit: {
    what: "bare Node",
    measure: ({ smoke }) =>
      withBareNode(async (pid) => {
        await sleep(smoke ? 100 : SETTLE_MS);
        return residentMib(pid);
      }),
  },
  async measure({ target, smoke }) {
    await using fresh = await startTarget(target.name);
    await sleep(smoke ? 100 : SETTLE_MS);
    return residentMib(fresh.pid);
  },
};

/** How long the first client waits. */
export const startUp: Row = {
  id: "start-up",
  title: "start to listening, p50",
  unit: "ms",
  target: 200,
  better: "lower",
  limit: { what: "bare Node", measure: () => withBareNode(async (_, listeningMs) => listeningMs) },
  async measure({ target, smoke }) {
    const times: number[] = [];
    for (let index = 0; index < (smoke ? 1 : 5); index++) {
      await using fresh = await startTarget(target.name);
      times.push(fresh.listeningMs);
    }
    return median(times);
  },
};
