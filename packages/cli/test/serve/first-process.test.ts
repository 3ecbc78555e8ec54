import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { connect } from "@holdfast/exec-client";
import { tempDir, until } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { BIN, testEnvironment } from "../support/cli.ts";

const ORPHANS = 20;
const UNSHARE = ["--user", "--map-root-user", "--pid", "--fork", "--kill-child", "--mount-proc"];
const canUnshare = process.platform === "linux" && spawnSync("unshare", [...UNSHARE, "true"]).status === 0;
const skipped = canUnshare ? "" : " (skipped: this machine lets nobody make a process namespace)";

/** An executor that is the first process of its namespace. The child is `unshare`, which waits for it. */
function serveAsFirst(): ChildProcess {
  const env = testEnvironment();
  return spawn("unshare", [...UNSHARE, process.execPath, BIN, "serve"], { env, stdio: ["ignore", "pipe", "inherit"] });
}

function childOf(pid: number | undefined): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim());
}

test.runIf(canUnshare)(
  `as the first process it leaves no dead ones, and ends at SIGTERM with 0${skipped}`,
  async () => {
    await using folder = await tempDir();
    const unshare = serveAsFirst();
    const ended = once(unshare, "close");
    try {
      if (unshare.stdout === null) throw new Error("stdout is no pipe");
      const [url] = (await once(createInterface({ input: unshare.stdout }), "line")) as [string];
      const first = childOf(unshare.pid);
      {
        await using executor = await connect(url, { recovery: false });
        const sh = async (script: string) => (await executor.run(["sh", "-c", script, folder.path])).stdout.trim();
        await sh(`for i in $(seq ${ORPHANS}); do (setsid sh -c 'echo $$ >>$0/pids' $0 >/dev/null 2>&1 &); done`);
        await until(async () => (await sh("wc -l <$0/pids")) === String(ORPHANS));
        await until(
          async () => (await sh("for pid in $(cat $0/pids); do test ! -e /proc/$pid || echo $pid; done")) === "",
        );
        const codes = [0, 3, 77].map(async (code) => (await executor.run(["sh", "-c", `exit ${code}`])).exitCode);
        expect(await Promise.all(codes)).toEqual([0, 3, 77]);
        const terminal = await executor.run(["sh", "-c", "exit 5"], { tty: true });
        expect(terminal.exitCode).toBe(5);
      }
      process.kill(first, "SIGTERM");
      expect(await ended).toEqual([0, null]);
    } finally {
      unshare.kill("SIGKILL");
      await ended;
    }
  },
);
