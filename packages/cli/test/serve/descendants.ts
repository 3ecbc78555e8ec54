import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import type { Executor } from "@holdfast/exec-client";
import { programPath, type TempDir, until } from "@holdfast/testkit";

/** A daemon in a session of its own whose every generation starts the next one in another session, and ends. */
const WANDERS = `sleep 0.02
setsid sh "$0" &
`;

/** Processes that share a variable nobody else has: all that a test started, at any depth. */
export class Descendants implements AsyncDisposable {
  readonly #variable = `HOLDFAST_TEST=${randomUUID()}`;
  readonly #folder: TempDir;

  constructor(folder: TempDir) {
    this.#folder = folder;
  }

  /** Those that run, found without the help of whatever ends them. The dead that nobody collected have no environment. */
  running(): readonly number[] {
    return readdirSync("/proc")
      .map(Number)
      .filter((pid) => Number.isInteger(pid) && environmentOf(pid).includes(this.#variable));
  }

  /** Start every kind of process that is hard to end, and wait until all are there. */
  async start(executor: Executor): Promise<void> {
    const [name = "", value = ""] = this.#variable.split("=");
    const env = { PATH: process.env.PATH ?? "/usr/bin:/bin", [name]: value };
    const script = this.#folder.join("wanders.sh");
    await executor.fs.writeFile(script, WANDERS);
    const node = (program: string) => `"${process.execPath}" "${program}"`;
    const scripts = {
      plain: "sleep 600 & echo up; wait",
      "called setsid": "setsid sleep 600 & echo up; wait",
      "ignores SIGTERM": `exec ${node(programPath("ignores-sigterm"))}`,
      "forks on": `exec ${node(programPath("forks-on"))}`,
      "double fork": "(setsid sh -c 'while :; do sleep 0.01; done' >/dev/null 2>&1 &) ; echo up",
      wanders: `setsid sh "${script}" >/dev/null 2>&1 & echo up`,
    };
    const processes = await Promise.all(
      Object.values(scripts).flatMap((text) =>
        [false, true].map((tty) => executor.processes.start({ argv: ["sh", "-c", text], env, cwd: "/", tty })),
      ),
    );
    const printed = new Set<unknown>();
    for (const started of processes) {
      void (async () => {
        for await (const event of started.events()) if (event.type === "output") printed.add(started);
      })().catch(() => {});
    }
    await until(() => printed.size === processes.length, {
      deadlineMs: 20_000,
      what: () => `${printed.size} processes are up`,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await until(() => {
      const left = this.running();
      for (const pid of left) killIfThere(pid);
      return left.length === 0;
    });
  }
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1");
  } catch {
    return "";
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself in the meantime.
  }
}
