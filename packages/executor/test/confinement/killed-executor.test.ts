import { fork } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isAlive, until } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { childrenOf } from "../../src/platform/process-children.ts";
import { canConfine, workspace } from "./sandbox.ts";

const HOST = fileURLToPath(new URL("./killed-host.ts", import.meta.url));
/** By which only this run of the tests calls a program. */
const SECONDS = `603.${process.pid}`;

test.skipIf(!canConfine)("an executor that is killed leaves no confined process and none of its targets", async () => {
  using folder = workspace();
  const host = fork(HOST, [folder.path, SECONDS], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  try {
    await once(host, "message");
    // A shell goes on when it has forked: what it started may not be its program yet.
    const sleepers = (pids: readonly number[]) => pids.filter((pid) => commandOf(pid) === `sleep\0${SECONDS}\0`);
    await until(() => sleepers(descendants(host.pid ?? 0)).length === 2);
    const family = descendants(host.pid ?? 0);
    expect(readdirSync(folder.path)).toContain(".codex");
    host.kill("SIGKILL");
    await once(host, "exit");
    await until(() => family.every((pid) => !isAlive(pid)));
    // By its guardian: no other executor comes.
    await until(() => readdirSync(folder.path).join() === "f");
  } finally {
    host.kill("SIGKILL");
  }
});

function descendants(pid: number): readonly number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendants(child)]);
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
