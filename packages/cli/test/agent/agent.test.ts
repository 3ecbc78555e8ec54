import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isAlive, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import type { ExecEvent } from "../../src/agent/exec-event.ts";
import { Cli, holdfast, serve } from "../support/cli.ts";
import { agentGround } from "./responses-server.ts";

function events(stdout: Buffer): readonly ExecEvent[] {
  return stdout
    .toString()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

function rollout(home: string, threadId: string): string {
  const folder = join(home, "sessions");
  const name = readdirSync(folder, { recursive: true, encoding: "utf8" }).find((path) =>
    path.endsWith(`${threadId}.jsonl`),
  );
  return readFileSync(join(folder, name ?? ""), "utf8");
}

describe("holdfast agent", () => {
  test("says on stdout what the model says, and on stderr what it does", async () => {
    await using ground = await agentGround([{ run: "echo one; exit 3" }, { say: "It ended with 3." }]);
    const { code, stdout, stderr } = await holdfast(["agent", "try it"], { cwd: ground.folder, env: ground.env });
    expect(stderr).toMatch(/^thread [0-9a-f-]{36}\nexit 3: \S+ -c 'echo one; exit 3'\n$/);
    expect(stdout.toString()).toBe("It ended with 3.\n");
    expect(code).toBe(0);
  });

  test("prints events, and goes on with a thread in a program of its own", async () => {
    await using ground = await agentGround([{ say: "first" }, { say: "second" }]);
    const how = { cwd: ground.folder, env: ground.env };
    const first = events((await holdfast(["agent", "--json", "-"], { ...how, stdin: "remember this" })).stdout);
    expect(first.map(({ type }) => type)).toEqual([
      "thread.started",
      "turn.started",
      "item.completed",
      "turn.completed",
    ]);
    const [begun] = first;
    const id = begun?.type === "thread.started" ? begun.thread_id : "";
    const second = await holdfast(["agent", "--json", "--resume", id, "and now"], how);
    expect(events(second.stdout)[0]).toEqual({ type: "thread.started", thread_id: id });
    expect(JSON.stringify(ground.requests[1]?.input)).toMatch(/remember this.*first.*and now/);
  });

  test("does the work on the executor that it is told", async () => {
    await using ground = await agentGround([{ run: "echo at-$WHERE" }]);
    await using executor = await serve({ env: { WHERE: "there" } });
    const args = ["agent", "--json", "--url", executor.url, "--folder", ground.folder, "go"];
    const { stdout } = await holdfast(args, { cwd: "/", env: { ...ground.env, WHERE: "here" } });
    expect(stdout.toString()).toContain('"aggregated_output":"at-there\\n"');
  });

  test("fails where that executor is not there, and does nothing here in its place", async () => {
    await using ground = await agentGround([{ run: "echo at" }]);
    const args = ["agent", "--url", "ws://127.0.0.1:9", "go"];
    const { code, stderr } = await holdfast(args, { cwd: ground.folder, env: ground.env });
    expect(stderr).toMatch(/^holdfast agent: .*127\.0\.0\.1:9/);
    expect(code).toBe(1);
    expect(ground.requests).toEqual([]);
  });

  test("refuses what makes no sense, with 2", async () => {
    for (const [args, reason] of [
      [["--url", "ws://a", "--environment", "b", "x"], "give --url or --environment, not both"],
      [["--folder", "/a", "x"], "--folder is a folder of another machine: on this one it is --cwd"],
      [
        ["--sandbox", "none", "x"],
        "--sandbox must be one of read-only, workspace-write, danger-full-access, not 'none'",
      ],
      [["--config", "model", "x"], "--config must be NAME=VALUE, not 'model'"],
      [[], "there is no task: give it as an argument, or on stdin"],
    ] as const) {
      const { code, stderr } = await holdfast(["agent", ...args], { stdin: "" });
      expect(stderr).toBe(`holdfast agent: ${reason}; see holdfast agent --help\n`);
      expect(code).toBe(2);
    }
  });

  test("ends what it has started when it is told to end", async () => {
    await using ground = await agentGround([{ run: "echo $$ > pid; sleep 1000; true" }]);
    await using cli = new Cli(["agent", "--json", "-s", "danger-full-access", "wait"], {
      cwd: ground.folder,
      env: ground.env,
    });
    const pid = await until(() => numberIn(join(ground.folder, "pid")));
    cli.child.kill("SIGTERM");
    const { code, stdout } = await cli.result();
    expect(code).toBe(1);
    expect(events(stdout).at(-1)).toMatchObject({ type: "turn.failed" });
    await until(() => !isAlive(pid));
  });

  test("that is killed in the middle of a turn leaves no process, and a thread that goes on", async () => {
    await using ground = await agentGround([{ run: "echo $$ > pid; sleep 1000; true" }, { say: "on it" }], SERVERS);
    const how = { cwd: ground.folder, env: ground.env };
    await using cli = new Cli(["agent", "--json", "-s", "danger-full-access", "wait"], how);
    const pids = await until(() => {
      const found = ["pid", "one", "two"].map((name) => numberIn(join(ground.folder, name)) ?? 0);
      return found.every((pid) => pid > 0) && found;
    });
    const [begun] = events(cli.stdout);
    const id = begun?.type === "thread.started" ? begun.thread_id : "";
    cli.child.kill("SIGKILL");
    await cli.result();
    await until(() => !pids.some(isAlive));
    const text = rollout(ground.home, id);
    expect(text.endsWith("\n")).toBe(true);
    for (const line of text.trimEnd().split("\n")) expect(JSON.parse(line)).toHaveProperty("type");
    const after = await holdfast(["agent", "--json", "--resume", id, "go on"], how);
    expect(after.code).toBe(0);
    expect(after.stdout.toString()).toContain('"text":"on it"');
    expect(JSON.stringify(ground.requests[1]?.input)).toMatch(/wait.*go on/);
  });
});

describe("holdfast-agent", () => {
  /** In the order in which the official SDK of Codex says them. */
  const words = (folder: string): readonly string[] => [
    "exec",
    "--experimental-json",
    ...["--config", 'model_verbosity="low"', "--model", "chosen", "--sandbox", "workspace-write", "--cd", folder],
    ...["--add-dir", folder, "--skip-git-repo-check", "--config", 'model_reasoning_effort="high"'],
  ];

  test("takes the words of the SDK, and goes on with a thread", async () => {
    await using ground = await agentGround([{ run: "echo kept > kept" }, { say: "first" }, { say: "second" }]);
    const how = { program: AGENT, env: ground.env, stdin: "keep it" };
    const first = await holdfast(words(ground.folder), how);
    expect(first.stderr).toBe("");
    expect(first.code).toBe(0);
    expect(readFileSync(join(ground.folder, "kept"), "utf8")).toBe("kept\n");
    expect(ground.requests[0]).toMatchObject({ model: "chosen", reasoning: { effort: "high" } });
    const [begun] = events(first.stdout);
    const id = begun?.type === "thread.started" ? begun.thread_id : "";
    expect(rollout(ground.home, id)).toContain('"source":"exec"');
    const second = await holdfast([...words(ground.folder), "resume", id], how);
    expect(events(second.stdout)[0]).toEqual({ type: "thread.started", thread_id: id });
    expect(second.stdout.toString()).toContain('"text":"second"');
  });

  test.each([
    [["exec", "--json", "--unknown"], 2, "unknown option '--unknown'"],
    [["exec", "x"], 2, "give --json: there is no other output"],
    [["exec", "--json", "resume"], 2, "missing argument ID: resume goes on with the thread of an id"],
    [["exec", "--json", "x"], 1, "Not inside a trusted directory and --skip-git-repo-check was not specified."],
    [["exec", "--json", "--cyber-access-program", "other"], 1, "the cyber access program other is of OpenAI's own"],
  ])("refuses %j", async (args, code, reason) => {
    await using ground = await agentGround([]);
    const result = await holdfast(args, { program: AGENT, cwd: ground.folder, env: ground.env, stdin: "x" });
    expect(result.stderr).toContain(reason);
    expect(result.code).toBe(code);
    expect(result.stdout.toString()).toBe("");
  });
});

const AGENT = fileURLToPath(new URL("../../bin/holdfast-agent.mjs", import.meta.url));
const SERVERS = ["one", "two"]
  .map((name) => `[mcp_servers.${name}]\ncommand = "/bin/sh"\nargs = ["-c", "echo $$ > ${name}; exec sleep 1000"]\n`)
  .join("");

function numberIn(path: string): number | undefined {
  try {
    return Number(readFileSync(path, "utf8")) || undefined;
  } catch {
    return undefined;
  }
}
