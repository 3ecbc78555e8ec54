import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { startAppServer } from "../app-server/reference-app-server.ts";
import type { ServerRelease } from "../app-server/server-release.ts";
import { startMockModel } from "../mock-model.ts";
import { REPO_ROOT, scratchCodexHome, temporaryFolder } from "../places.ts";
import { call } from "./call.ts";

const MCP_SERVER = join(REPO_ROOT, "conformance", "src", "app-server", "mcp-server.mjs");
/** What a host that is killed has started may take that long to end. */
const ENDED_WITHIN_MS = 15_000;
const LOOK_EVERY_MS = 100;

/**
 * Kill a server in the middle of a turn with a command and two MCP servers. Nothing of it may stay, no line of the thread's file may be half-written, and the thread
 * has to go on with another server.
 *
 * @throws AssertionError - Something is not so.
 */
export async function killInATurn(release: ServerRelease): Promise<void> {
  await using folder = await temporaryFolder();
  await using home = await scratchCodexHome();
  const cmd = `exec -a "${folder.path}" sleep 1000`;
  const args = JSON.stringify({ cmd, login: false, yield_time_ms: 30_000 });
  const sleep = { type: "function_call", id: "fc_1", call_id: "call_1", name: "exec_command", arguments: args };
  await using model = await startMockModel([() => [sleep]]);
  const tables = ["one", "two"].map(
    (name) => `[mcp_servers.${name}]\ncommand = "node"\nargs = ["${MCP_SERVER}", "${folder.path}"]\n`,
  );
  let threadId: string;
  {
    await using server = await startAppServer(release, { home: home.path, model }, { tables: tables.join("") });
    const begin = { cwd: folder.path, sandbox: "danger-full-access", approvalPolicy: "never" } as const;
    threadId = (await call(server, "thread/start", begin)).thread.id;
    const runs = Promise.withResolvers<void>();
    server.codex.on("item/started", ({ item }) => {
      if (item.type === "commandExecution") runs.resolve();
    });
    await call(server, "turn/start", { threadId, input: [{ type: "text", text: "sleep", text_elements: [] }] });
    await runs.promise;
    await until(async () => (await processesOf(folder.path)).length >= 1 + tables.length);
    process.kill(server.pid, "SIGKILL");
  }
  await until(async () => (await processesOf(folder.path)).length === 0);
  await assertWholeLines(home.path);
  await using again = await startAppServer(release, { home: home.path, model });
  const { thread } = await call(again, "thread/resume", { threadId });
  assert.deepEqual(
    thread.turns.map(({ status }: { status: string }) => status),
    ["interrupted"],
  );
  const completed = Promise.withResolvers<string>();
  again.codex.on("turn/completed", ({ turn }) => completed.resolve(turn.status));
  await call(again, "turn/start", { threadId, input: [{ type: "text", text: "go on", text_elements: [] }] });
  assert.equal(await completed.promise, "completed");
  const input = model.requests.at(-1)?.input ?? [];
  assert.ok(input.some(({ type, call_id: id }) => type === "function_call_output" && id === "call_1"));
}

/** Processes that were started with a text in their arguments. */
async function processesOf(text: string): Promise<readonly string[]> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "")));
  return lines.filter((line) => line.includes(text));
}

async function assertWholeLines(home: string): Promise<void> {
  const sessions = join(home, "sessions");
  const names = (await readdir(sessions, { recursive: true })).filter((name) => name.endsWith(".jsonl"));
  assert.equal(names.length, 1);
  const text = await readFile(join(sessions, names[0] ?? ""), "utf8");
  assert.ok(text.endsWith("\n"), "the last line has an end");
  for (const line of text.split("\n").slice(0, -1)) JSON.parse(line);
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + ENDED_WITHIN_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`it did not come to that within ${ENDED_WITHIN_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
