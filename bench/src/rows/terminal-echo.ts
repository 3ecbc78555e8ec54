import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Row } from "../row.ts";
import { median, quantile } from "../statistics.ts";
import { MIB, mibPerSecond } from "../units.ts";
import type { WireClient } from "../wire/client.ts";
import { bytesOfMember } from "../wire/scan.ts";

const PACED_FLOOD = fileURLToPath(new URL("../programs/paced-flood.ts", import.meta.url));
/** Spread over a second, so that a neighbour's bursts and pauses are all met. */
const BETWEEN_KEYS_MS = 10;
const NEIGHBOUR_MIB_PER_SECOND = 300;

/** Milliseconds from a key pressed to its echo seen, `samples` times, with a pause after each. */
async function echoTimes(client: WireClient, samples: number, pauseMs = 0): Promise<readonly number[]> {
  const processId = client.newProcessId();
  let heard = () => {};
  const stop = client.listen(processId, ({ method }) => {
    if (method === "process/output") heard();
  });
  const env = { PATH: "/usr/bin:/bin" };
  await client.call("process/start", { processId, argv: ["cat"], cwd: "file:///", env, tty: true });
  const times: number[] = [];
  for (let index = 0; index < samples; index++) {
    const echoed = new Promise<void>((resolve) => {
      heard = resolve;
    });
    const begin = performance.now();
    // A letter without a newline: the terminal echoes it, and `cat` says nothing.
    const written = client.call("process/write", { processId, writeId: String(index + 1), chunk: "YQ==" });
    await echoed;
    times.push(performance.now() - begin);
    await written;
    if (pauseMs > 0) await sleep(pauseMs);
  }
  stop();
  await client.call("process/terminate", { processId });
  return times;
}

/** A key pressed to its echo seen. */
export const terminalEcho: Row = {
  id: "terminal-echo",
  title: "terminal echo, p50",
  unit: "ms",
  target: 1.5,
  better: "lower",
  measure: async ({ client, smoke }) => median(await echoTimes(client, smoke ? 5 : 60)),
};

/** Start a neighbour on the same connection. @returns what ends it, and tells how many MiB/s it had. */
async function startNeighbour(client: WireClient, argv: readonly string[]): Promise<() => Promise<number>> {
  const processId = "neighbour";
  let bytes = 0;
  let begin = 0;
  let flowing = () => {};
  const flows = new Promise<void>((resolve) => {
    flowing = resolve;
  });
  client.tapNotices((message) => {
    if (!message.subarray(0, 256).includes(processId)) return false;
    bytes += Math.max(0, bytesOfMember(message, "chunk"));
    if (begin === 0 && bytes > MIB) {
      begin = performance.now();
      bytes = 0;
      flowing();
    }
    return true;
  });
  await client.call("process/start", { processId, argv, cwd: "file:///", env: { PATH: "/usr/bin:/bin" }, tty: false });
  await flows;
  return async () => {
    const rate = mibPerSecond(bytes, begin);
    await client.call("process/terminate", { processId });
    return rate;
  };
}

function echoBeside(id: string, title: string, target: number | undefined, argv: readonly string[]): Row {
  return {
    id,
    title,
    unit: "ms",
    ...(target === undefined ? {} : { target }),
    better: "lower",
    async measure({ client, smoke, note }) {
      const endNeighbour = await startNeighbour(client, argv);
      const p95 = quantile(await echoTimes(client, smoke ? 5 : 100, BETWEEN_KEYS_MS), 0.95);
      note(`beside ${Math.round(await endNeighbour())} MiB/s`);
      return p95;
    },
  };
}

/** The echo beside a process of the same connection that prints 300 MiB/s. */
export const echoBesideFlood: Row = echoBeside(
  "echo-beside-flood",
  `terminal echo beside a flood of ${NEIGHBOUR_MIB_PER_SECOND} MiB/s on the same connection, p95`,
  5,
  [process.execPath, PACED_FLOOD, String(NEIGHBOUR_MIB_PER_SECOND)],
);

/** The echo beside a process that prints as much as the connection takes: what waits in all queues. */
export const echoBesideSaturation: Row = echoBeside(
  "echo-beside-saturation",
  "the same beside `cat /dev/zero`, p95",
  undefined,
  ["cat", "/dev/zero"],
);
