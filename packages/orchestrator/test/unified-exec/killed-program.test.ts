import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { isAlive, until } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { farExecutor } from "../support/far-executor.ts";

const AGENT = fileURLToPath(new URL("./support/agent.mjs", import.meta.url));

interface Agent extends Disposable {
  /** Of what it has left running. */
  readonly pids: Promise<readonly number[]>;
}

/** Disposing kills it, by its id. */
function agent(url: string): Agent {
  const child = spawn(process.execPath, [AGENT, url], { stdio: ["ignore", "pipe", "inherit"] });
  const pids = once(createInterface({ input: child.stdout }), "line").then(([line]) => JSON.parse(String(line)));
  return { pids, [Symbol.dispose]: () => void child.kill("SIGKILL") };
}

/** A program is started, and processes are looked for among all of the machine. */
const PATIENCE = { timeout: 90_000 };

test(
  "commands of a program that is killed are ended by their executor, with all that they started",
  PATIENCE,
  async () => {
    await using far = await farExecutor();
    using killed = agent(far.url);
    const running = await killed.pids;
    expect(running.length).toBe(3);
    expect(running.every(isAlive)).toBe(true);
    killed[Symbol.dispose]();
    await until(() => !running.some(isAlive), { deadlineMs: 60_000 });
  },
);
