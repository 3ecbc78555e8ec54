import { spawn } from "node:child_process";
import { once } from "node:events";
import { pipeline } from "node:stream/promises";
import { connect } from "@holdfast/exec-client";
import type { Row } from "../row.ts";
import { MIB, mibPerSecond } from "../units.ts";

const BLOCK = Buffer.alloc(MIB, "stdin");

/** Reads so much, and ends. */
function argvOf(size: number): readonly [string, ...string[]] {
  return ["sh", "-c", 'exec head -c "$1" >/dev/null', "sh", String(size)];
}

async function pipeSpeed(size: number): Promise<number> {
  const begin = performance.now();
  const [program, ...args] = argvOf(size);
  const child = spawn(program, args, { stdio: ["pipe", "ignore", "ignore"] });
  const ended = once(child, "close");
  await pipeline(function* blocks() {
    for (let written = 0; written < size; written += MIB) yield BLOCK;
  }, child.stdin);
  await ended;
  return mibPerSecond(size, begin);
}

/** What a program reads from its standard input, through the client, until it has ended. */
export const stdin: Row = {
  id: "stdin",
  title: "stdin through `process.write`",
  unit: "MiB/s",
  target: 150,
  better: "higher",
  limit: { what: "a pipe written by Node", measure: ({ smoke }) => pipeSpeed((smoke ? 8 : 512) * MIB) },
  async measure({ target, smoke }) {
    const size = (smoke ? 8 : 512) * MIB;
    await using executor = await connect(target.url);
    const begin = performance.now();
    const process = await executor.processes.start({ argv: argvOf(size), pipeStdin: true });
    for (let written = 0; written < size; written += MIB) await process.write(BLOCK);
    const { exitCode } = await process.exited;
    if (exitCode !== 0) throw new Error(`the reader ended with ${exitCode}`);
    return mibPerSecond(size, begin);
  },
};
