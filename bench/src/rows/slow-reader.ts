import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, type Executor, type RunningProcess } from "@holdfast/exec-client";
import { residentMib } from "../resident.ts";
import type { Row } from "../row.ts";
import { quantile } from "../statistics.ts";
import { MIB } from "../units.ts";

const PRINTED_MIB = 200;
const SLOWLY_MIB_PER_SECOND = 1;
/** How long the reader is slow; then it takes the rest as it comes, so that a round has an end. */
const SLOW_MS = 30_000;
const SAMPLE_MS = 250;
const BETWEEN_KEYS_MS = 10;

/** The sha256 of that many bytes of `x`. */
function shaOf(bytes: number): string {
  const hash = createHash("sha256");
  const block = Buffer.alloc(MIB, "x");
  for (let left = bytes; left > 0; left -= MIB) hash.update(block);
  return hash.digest("hex");
}

/** Milliseconds from keys pressed to their echoes seen, until told to stop. */
async function echoTimes(executor: Executor, goesOn: () => boolean): Promise<readonly number[]> {
  await using cat = await executor.processes.start({ argv: ["cat"], tty: true });
  const echoes = cat.stdout.getReader();
  const times: number[] = [];
  while (goesOn()) {
    const begin = performance.now();
    const written = cat.write("a");
    await echoes.read();
    times.push(performance.now() - begin);
    await written;
    await sleep(BETWEEN_KEYS_MS);
  }
  return times;
}

/** Take everything, slowly at first. @returns the sha256. */
async function readSlowly({ stdout }: RunningProcess, slowMs: number): Promise<string> {
  const hash = createHash("sha256");
  const begin = performance.now();
  let bytes = 0;
  for await (const chunk of stdout) {
    hash.update(chunk);
    bytes += chunk.length;
    const aheadMs = (bytes / MIB / SLOWLY_MIB_PER_SECOND) * 1_000 - (performance.now() - begin);
    if (performance.now() - begin < slowMs && aheadMs > 1) await sleep(aheadMs);
  }
  return hash.digest("hex");
}

/** How a terminal does beside a reader that takes 1 MiB a second of what another process of the same client prints. */
export const echoBesideSlowReader: Row = {
  id: "echo-beside-slow-reader",
  title: "terminal echo beside a slow reader of 200 MiB, p95",
  unit: "ms",
  target: 5,
  better: "lower",
  fresh: true,
  async measure({ target, smoke, note }) {
    const mebibytes = smoke ? 24 : PRINTED_MIB;
    await using executor = await connect(target.url);
    let isSlow = true;
    const echoes = echoTimes(executor, () => isSlow);
    const before = { executor: residentMib(target.pid), client: residentMib(process.pid) };
    const most = { ...before };
    const watch = setInterval(() => {
      most.executor = Math.max(most.executor, residentMib(target.pid));
      most.client = Math.max(most.client, residentMib(process.pid));
    }, SAMPLE_MS);
    try {
      const argv = ["sh", "-c", `head -c ${mebibytes * MIB} /dev/zero | tr '\\0' x`];
      await using printer = await executor.processes.start({ argv });
      const slowMs = smoke ? 1_000 : SLOW_MS;
      const read = readSlowly(printer, slowMs);
      await Promise.race([read, sleep(slowMs)]);
      isSlow = false;
      const times = await echoes;
      if ((await read) !== shaOf(mebibytes * MIB)) throw new Error("what was read is not what was printed");
      const [executorMib, clientMib] = [most.executor - before.executor, most.client - before.client];
      note(`+${Math.round(executorMib)} MiB in the executor, +${Math.round(clientMib)} MiB in the client`);
      return quantile(times, 0.95);
    } finally {
      isSlow = false;
      clearInterval(watch);
    }
  },
};
