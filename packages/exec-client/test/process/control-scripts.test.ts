import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { until } from "@holdfast/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { CONTROL_DONE, CONTROL_NOT_FOUND, PROCESS_MARK, signalCommand } from "../../src/process/control-scripts.ts";
import { canRun } from "../support/can-run.ts";

const SHELLS = [["/bin/sh"], ["dash"], ["bash", "--norc", "--posix"], ["busybox", "sh"]].filter((shell) =>
  canRun([...shell, "-c", ":"]),
);

/** Gives a command a session and a namespace of its own, and ends with it. */
const CONFINING = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child", "setsid"];

const started: ChildProcess[] = [];
/** Leaders of groups that were made by what was started. */
const leftPids: number[] = [];

afterEach(() => {
  for (const pid of [...started.splice(0).map((child) => child.pid), ...leftPids.splice(0)]) {
    try {
      if (pid !== undefined) process.kill(-pid, "SIGKILL");
    } catch {
      // It has ended.
    }
  }
});

interface Marked {
  readonly pid: number;
  readonly said: () => string;
  readonly code: Promise<number | null>;
}

/** A process as an executor starts one, in a group of its own. */
function marked(mark: string, script: string): Marked {
  const env = { PATH: process.env.PATH, [PROCESS_MARK]: mark };
  const child = spawn("sh", ["-c", script], { detached: true, env, stdio: ["ignore", "pipe", "ignore"] });
  started.push(child);
  let said = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  return { pid: child.pid ?? 0, said: () => said, code: once(child, "close").then(([code]) => code as number | null) };
}

/** Runs a helper command beside it, under one of the shells. */
async function helped(shell: readonly string[], command: readonly string[]): Promise<number> {
  const [program = "", ...words] = [...shell, ...command.slice(1)];
  const [code] = (await once(spawn(program, words, { stdio: "ignore" }), "close")) as [number];
  return code;
}

const WAITING = "while :; do sleep 0.05; done";

describe.runIf(process.platform === "linux").each(SHELLS.map((shell) => [shell.join(" "), shell] as const))(
  "a helper command finds a process by its mark: %s",
  (_, shell) => {
    test("and signals its whole group", async () => {
      const mark = crypto.randomUUID();
      const inner = `sh -c 'trap "echo inner" TERM; echo up; ${WAITING}'`;
      const running = marked(mark, `trap 'echo outer; exit 5' TERM; ${inner} & wait`);
      await until(() => running.said().includes("up"));
      expect(await helped(shell, signalCommand({ mark, isConfined: false }, "SIGTERM"))).toBe(CONTROL_DONE);
      await until(() => running.said().includes("outer") && running.said().includes("inner"));
    });

    test("and no other: not one with another mark, not what it left in a group of its own", async () => {
      const mark = crypto.randomUUID();
      const other = marked(crypto.randomUUID(), `trap 'echo hit' TERM; echo up; ${WAITING}`);
      const left = `setsid sh -c "trap 'echo hit' TERM; echo $$; ${WAITING}"`;
      const running = marked(mark, `trap 'echo outer; exit 5' TERM; ${left.replace("$$", "\\$\\$")} & wait; wait`);
      await until(() => other.said().includes("up") && /^\d+\n/.test(running.said()));
      leftPids.push(Number.parseInt(running.said(), 10));
      expect(await helped(shell, signalCommand({ mark, isConfined: false }, "SIGTERM"))).toBe(CONTROL_DONE);
      await until(() => running.said().includes("outer"));
      expect([other.said(), running.said().includes("hit")]).toEqual(["up\n", false]);
      // What is left has the mark, and is not what was started.
      await until(
        async () => (await helped(shell, signalCommand({ mark, isConfined: false }, "SIGTERM"))) === CONTROL_NOT_FOUND,
      );
    });

    test.runIf(canRun(CONFINING.concat("true")))("and signals what a sandbox confines, not the sandbox", async () => {
      const mark = crypto.randomUUID();
      const running = marked(
        mark,
        `exec ${CONFINING.join(" ")} sh -c "trap 'echo inner; exit 5' TERM; echo up; ${WAITING}"`,
      );
      await until(() => running.said().includes("up"));
      const command = signalCommand({ mark, isConfined: true }, "SIGTERM");
      expect(await helped(shell, command)).toBe(CONTROL_DONE);
      await until(() => running.said().includes("inner"));
    });

    test.each([false, true])("and says so when there is none, confined %s", async (isConfined) => {
      expect(await helped(shell, signalCommand({ mark: crypto.randomUUID(), isConfined }, "SIGTERM"))).toBe(
        CONTROL_NOT_FOUND,
      );
    });
  },
);
