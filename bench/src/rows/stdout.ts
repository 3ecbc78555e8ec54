import { spawn } from "node:child_process";
import { once } from "node:events";
import { startFlood } from "../processes.ts";
import type { Row } from "../row.ts";
import { MIB, mibPerSecond } from "../units.ts";

function argvOf(size: number): readonly [string, string[]] {
  return ["head", ["-c", String(size), "/dev/zero"]];
}

async function pipeSpeed(size: number): Promise<number> {
  const begin = performance.now();
  const child = spawn(...argvOf(size), { stdio: ["ignore", "pipe", "ignore"] });
  child.stdout.resume();
  await once(child, "close");
  return mibPerSecond(size, begin);
}

/** What a program prints, to the last notice. */
export const stdout: Row = {
  id: "stdout",
  title: "stdout through notifications",
  unit: "MiB/s",
  target: 400,
  better: "higher",
  limit: { what: "a pipe read by Node", measure: ({ smoke }) => pipeSpeed((smoke ? 8 : 512) * MIB) },
  async measure({ client, smoke }) {
    const size = (smoke ? 8 : 512) * MIB;
    const begin = performance.now();
    const [program, args] = argvOf(size);
    const flood = await startFlood(client, [program, ...args]);
    await flood.closed;
    if (flood.bytes() !== size) throw new Error(`${flood.bytes()} bytes of ${size} came`);
    return mibPerSecond(size, begin);
  },
};
