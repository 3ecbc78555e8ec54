import { readFileSync } from "node:fs";
import { connect } from "@holdfast/exec-client";
import { isAlive, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Cli, lines, serve } from "../support/cli.ts";
import { Descendants } from "./descendants.ts";

/** They are killed at once; how soon a busy machine gets to all of it is not what these tests are about. */
const PATIENCE_MS = 20_000;

/** A line that is not mended: its executor is meant to be gone. */
function dial(url: string) {
  return connect(url, { clientName: "orphans", recovery: false });
}

describe.skipIf(process.platform !== "linux")("no descendant outlives the executor", () => {
  const isKilled = async (rounds: number) => {
    for (let round = 1; round <= rounds; round += 1) {
      await using folder = await tempDir();
      await using server = await serve();
      await using executor = await dial(server.url);
      await using descendants = new Descendants(folder);
      await descendants.start(executor);
      expect(descendants.running().length).toBeGreaterThan(10);
      server.child.kill("SIGKILL");
      await until(() => descendants.running().length === 0, { deadlineMs: PATIENCE_MS, what: `end in round ${round}` });
    }
  };
  test.each([3])("that is killed: %i rounds", { timeout: 60_000 }, isKilled);
  test.each([20])("that is killed: %i rounds", { timeout: 180_000, tags: "long" }, isKilled);

  test("that is told to end", async () => {
    await using folder = await tempDir();
    await using server = await serve();
    await using executor = await dial(server.url);
    await using descendants = new Descendants(folder);
    await descendants.start(executor);
    server.child.kill("SIGTERM");
    expect(await server.result()).toMatchObject({ code: 0, signal: null });
    await until(() => descendants.running().length === 0, { deadlineMs: PATIENCE_MS });
  });

  test("whose guardian was killed before: it says so, works on, and has a new one", async () => {
    await using folder = await tempDir();
    await using server = new Cli(["serve", "--log-level", "warn"]);
    await until(() => server.stdout.includes("\n"));
    await using executor = await dial(server.stdout.toString().trim());
    await executor.run(["true"], { cwd: "/" });
    const guardian = await until(() => guardianOf(server.child.pid ?? 0));
    process.kill(guardian, "SIGKILL");
    await until(() => lines(server.stderr).length > 0);
    expect(server.stderr).toContain("warn the guardian of child processes ended (signal 9); a new one watches");
    await using descendants = new Descendants(folder);
    await descendants.start(executor);
    const successor = await until(() => guardianOf(server.child.pid ?? 0));
    server.child.kill("SIGKILL");
    await until(() => descendants.running().length === 0, { deadlineMs: PATIENCE_MS });
    await until(() => !isAlive(successor));
  });

  test("and children see none of it: environment, descriptors and parent are what they would be", async () => {
    await using server = await serve();
    await using executor = await dial(server.url);
    const script = "env | sort; ls /proc/self/fd; echo $PPID";
    const env = { PATH: process.env.PATH ?? "" };
    const { stdout } = await executor.run(["/bin/sh", "-c", script], { cwd: "/", env, envPolicy: null });
    const told = lines(stdout);
    expect(told.filter((line) => line.includes("=") && !/^(PATH|PWD|OLDPWD|SHLVL|_)=/.test(line))).toEqual([]);
    expect(told.filter((line) => /^\d$/.test(line))).toEqual(["0", "1", "2", "3"]);
    expect(told.at(-1)).toBe(String(server.child.pid));
  });
});

/** None while it is being started. Throws when another child ends in between. */
function guardianOf(pid: number): number | undefined {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);
  return children.find((child) => readFileSync(`/proc/${child}/cmdline`, "latin1").includes("holdfast-guardian"));
}
