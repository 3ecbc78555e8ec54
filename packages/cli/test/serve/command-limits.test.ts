import { readdirSync, readFileSync } from "node:fs";
import { connect } from "@holdfast/exec-client";
import { findLimitMeans } from "@holdfast/executor";
import { readOnlyProfile } from "@holdfast/permission-profile";
import { isAlive, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { serve } from "../support/cli.ts";
import { skipped, unconfinable } from "../support/confinement.ts";

const means = findLimitMeans();
const LIMITS = ["--command-memory", "64M", "--command-processes", "32"];
const sandbox = { permissions: readOnlyProfile(), windowsSandboxLevel: "disabled" } as const;
const parents = [means.memory, means.processes].flatMap((each) => (each.kind === "group" ? [each.parent] : []));

/** Groups that the process with this id made. */
function groupsOf(pid: number): readonly string[] {
  return parents.flatMap((parent) => readdirSync(parent).filter((name) => name.includes(`-${pid}.`)));
}

describe.skipIf(unconfinable !== undefined || parents.length === 0)(`serve with limits${skipped}`, () => {
  test.each(["SIGKILL", "SIGTERM"] as const)("leaves no group and no process when it ends by %s", async (signal) => {
    await using server = await serve({ args: LIMITS });
    const executor = await connect(server.url, { recovery: false });
    try {
      const pid = server.child.pid ?? 0;
      // The guardian is there before: it starts with the first process of all.
      await executor.run(["true"], { cwd: "/" });
      const argv = ["sh", "-c", "echo $$; setsid sleep 61 & sleep 61"];
      const running = await executor.processes.start({ argv, cwd: "/", sandbox });
      await running.events()[Symbol.asyncIterator]().next();
      expect(groupsOf(pid)).toHaveLength(parents.length);
      const members = await until(() => {
        const found = membersOf(pid);
        return found.length > 1 && found;
      });
      server.child.kill(signal);
      await server.result();
      await until(() => members.every((member) => !isAlive(member)));
      await until(() => groupsOf(pid).length === 0);
    } finally {
      await executor.close().catch(() => {});
    }
  });

  test("lets an unconfined command be", async () => {
    await using server = await serve({ args: LIMITS });
    await using executor = await connect(server.url);
    const { stdout } = await executor.run(["cat", "/proc/self/cgroup"], { cwd: "/" });
    expect(stdout).not.toContain("holdfast-");
    const { stdout: confined } = await executor.run(["cat", "/proc/self/cgroup"], { cwd: "/", sandbox });
    expect(confined).toContain("/holdfast-");
  });
});

function membersOf(pid: number): readonly number[] {
  const [parent = ""] = parents;
  return readdirSync(parent)
    .filter((name) => name.includes(`-${pid}.`))
    .flatMap((name) => readFileSync(`${parent}/${name}/cgroup.procs`, "utf8").trim().split("\n").map(Number));
}
