import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "@holdfast/testkit";
import { execCommand } from "../../conversation.ts";
import { streamedMessage } from "../../mock-model.ts";
import type { AppServerScenario } from "../app-server-scenario.ts";
import { OURS } from "../server-release.ts";

const MCP_SERVER = fileURLToPath(new URL("../mcp-server.mjs", import.meta.url));
/** By which the processes of a run are found: among their arguments, where none of them looks at it. */
const MARK = `mark-${randomUUID()}`;
const DEADLINE_MS = 30_000;

function mcpTable(name: string): string {
  return `[mcp_servers.${name}]\ncommand = ${JSON.stringify(process.execPath)}\nargs = ${JSON.stringify([MCP_SERVER, MARK])}\n`;
}

function markedProcesses(): readonly string[] {
  const ids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return ids.filter((id) => {
    try {
      return readFileSync(join("/proc", id, "cmdline"), "utf8").includes(MARK);
    } catch {
      // It has ended meanwhile.
      return false;
    }
  });
}

/** Files below the folder with what was said in threads. */
function rolloutsIn(home: string): readonly string[] {
  const sessions = join(home, "sessions");
  const names = readdirSync(sessions, { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(".jsonl")).map((name) => join(sessions, name));
}

export const killedAtWork: AppServerScenario = {
  id: "app-server.killed-at-work",
  sentence:
    "a server that is killed while a turn runs a command beside two MCP servers leaves no line half-written and a thread that goes on, and ours leaves no process either",
  turns: [
    () => [execCommand("call-1", `echo at work; while true; do sleep 1; done; echo ${MARK}`)],
    () => streamedMessage("msg-2", "I go on"),
  ],
  async run({ release, folder, home, model, start }) {
    let threadId: string;
    {
      await using server = await start({ tables: mcpTable("one") + mcpTable("other") });
      const { codex } = server;
      const thread = await codex.threads.start({ cwd: folder, sandbox: "danger-full-access", approvalPolicy: "never" });
      threadId = thread.id;
      const run = thread.run("work");
      const over = assert.rejects(run.result(), { name: "RunError", code: "lost" });
      await until(() => markedProcesses().length >= 3, { deadlineMs: DEADLINE_MS });
      process.kill(server.pid, "SIGKILL");
      await over;
    }
    if (release.name === OURS) await until(() => markedProcesses().length === 0, { deadlineMs: DEADLINE_MS });
    const [file, ...others] = rolloutsIn(home);
    assert.ok(file !== undefined && others.length === 0);
    const text = readFileSync(file, "utf8");
    assert.ok(text.endsWith("\n"), text.slice(-200));
    for (const line of text.trimEnd().split("\n")) JSON.parse(line);

    await using server = await start();
    const thread = await server.codex.threads.resume(threadId);
    const { finalMessage } = await thread.run("go on").result();
    assert.equal(finalMessage, "I go on");
    assert.match(JSON.stringify(model.requests.at(-1)?.input), /"work".*"go on"/);
  },
};
