import assert from "node:assert/strict";
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ApprovalDecision, ApprovalRequest } from "@holdfast/app-server-protocol/threads";
import { execCommand, outputsOf, toolCall } from "../../conversation.ts";
import type { ConversationItem } from "../../mock-model.ts";
import type { AppServerScenario } from "../app-server-scenario.ts";

export const READ_ONLY = { sandbox: "read-only", approvalPolicy: "on-request" } as const;

export function escalated(callId: string, command: string): ConversationItem {
  return execCommand(callId, command, { sandbox_permissions: "require_escalated", justification: "It writes a file." });
}

function patch(callId: string, file: string): ConversationItem {
  const text = `*** Begin Patch\n*** Add File: ${file}\n+hello\n*** End Patch`;
  return execCommand(callId, `apply_patch <<'EOF'\n${text}\nEOF`);
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Answers one after the other, and keeps what was asked. */
function answering(...decisions: readonly ApprovalDecision[]) {
  const asked: ApprovalRequest[] = [];
  const approve = async (request: ApprovalRequest): Promise<ApprovalDecision> => {
    asked.push(request);
    return decisions[asked.length - 1] ?? "decline";
  };
  return { asked, approve };
}

export const commandApproval: AppServerScenario = {
  id: "app-server.command-approval",
  sentence:
    "a command that needs leave runs when it is accepted, and does not when it is declined, after which the agent goes on",
  turns: [() => [escalated("call-1", "touch accepted")], () => [escalated("call-2", "touch declined")]],
  async run({ folder, model, start }) {
    await using server = await start();
    const { codex } = server;
    const { asked, approve } = answering("accept", "decline");
    const thread = await codex.threads.start({ cwd: folder, ...READ_ONLY, approve });
    const { items, finalMessage } = await thread.run("write").result();
    assert.deepEqual(
      asked.map(({ type, item }) => [type, item?.type === "commandExecution" && item.id]),
      [
        ["command", "call-1"],
        ["command", "call-2"],
      ],
    );
    assert.ok(asked.every(({ threadId }) => threadId === thread.id));
    assert.deepEqual(
      items.flatMap((item) => (item.type === "commandExecution" ? [item.status] : [])),
      ["completed", "declined"],
    );
    assert.deepEqual([await exists(join(folder, "accepted")), await exists(join(folder, "declined"))], [true, false]);
    assert.equal(finalMessage, "done");
    const last = model.requests.at(-1);
    assert.match(last === undefined ? "" : (outputsOf(last).get("call-2") ?? ""), /reject/i);
  },
};

export const cancelledApproval: AppServerScenario = {
  id: "app-server.cancelled-approval",
  sentence:
    "an approval that is answered cancel interrupts the turn, and so does a callback that throws, whose error the run ends with",
  turns: [() => [escalated("call-1", "touch one")], () => [escalated("call-2", "touch two")]],
  async run({ folder, start }) {
    await using server = await start();
    const { codex } = server;
    const thread = await codex.threads.start({ cwd: folder, ...READ_ONLY });
    const { status } = await thread.run("write", { approve: async () => "cancel" }).result();
    assert.equal(status, "interrupted");
    const broken = new Error("no window to ask in");
    const run = thread.run("write", {
      approve: async () => {
        throw broken;
      },
    });
    await assert.rejects(run.result(), { name: "RunError", code: "approval", cause: broken });
    assert.deepEqual([await exists(join(folder, "one")), await exists(join(folder, "two"))], [false, false]);
  },
};

export const absentApproval: AppServerScenario = {
  id: "app-server.absent-approval",
  sentence: "where nobody decides nothing is allowed, and the agent goes on",
  turns: [() => [escalated("call-1", "touch one")], () => [patch("call-2", "two")]],
  async run({ folder, start }) {
    await using server = await start();
    const { codex } = server;
    const thread = await codex.threads.start({ cwd: folder, ...READ_ONLY });
    const { items, finalMessage } = await thread.run("write").result();
    assert.equal(finalMessage, "done");
    assert.deepEqual(
      items.flatMap((item) => ("status" in item ? [item.status] : [])),
      ["declined", "declined"],
    );
    assert.deepEqual([await exists(join(folder, "one")), await exists(join(folder, "two"))], [false, false]);
  },
};

export const fileChange: AppServerScenario = {
  id: "app-server.file-change",
  sentence: "a patch is shown before it is made: accepted it is on the disk, declined it is not",
  turns: [() => [patch("call-1", "accepted.txt")], () => [patch("call-2", "declined.txt")]],
  async run({ folder, start }) {
    await using server = await start();
    const { codex } = server;
    const { asked, approve } = answering("accept", "decline");
    const thread = await codex.threads.start({ cwd: folder, ...READ_ONLY, approve });
    const { items } = await thread.run("patch").result();
    const changes = asked.map(({ type, item }) => [type, item?.type === "fileChange" && item.changes[0]?.path]);
    assert.deepEqual(changes, [
      ["fileChange", join(folder, "accepted.txt")],
      ["fileChange", join(folder, "declined.txt")],
    ]);
    assert.deepEqual(
      items.flatMap((item) => (item.type === "fileChange" ? [item.status] : [])),
      ["completed", "declined"],
    );
    assert.equal(await readFile(join(folder, "accepted.txt"), "utf8"), "hello\n");
    assert.equal(await exists(join(folder, "declined.txt")), false);
  },
};

/** A stranger: an MCP server of a few lines, which asks for nothing and says everything loudly. */
const MCP_SERVER = fileURLToPath(new URL("../mcp-server.mjs", import.meta.url));
const LOUD = `[mcp_servers.loud]\ncommand = ${JSON.stringify(process.execPath)}\nargs = [${JSON.stringify(MCP_SERVER)}]\n`;

function shout(callId: string): ConversationItem {
  return { ...toolCall(callId, "shout", { text: "hello" }), namespace: "mcp__loud" };
}

export const mcpTool: AppServerScenario = {
  id: "app-server.mcp",
  sentence: "an MCP server is listed with its tools, called by us, and called by the agent once that is accepted",
  turns: [() => [shout("call-1")], () => [shout("call-2")]],
  async run({ folder, start }) {
    await using server = await start({ tables: LOUD });
    const { codex } = server;
    const { asked, approve } = answering("accept", "decline");
    const thread = await codex.threads.start({ cwd: folder, ...READ_ONLY, approve });
    const { data } = await codex.mcpServerStatus.list({});
    assert.deepEqual(
      data.map(({ name, tools }) => [name, Object.keys(tools)]),
      [["loud", ["shout"]]],
    );
    const params = { threadId: thread.id, server: "loud", tool: "shout", arguments: { text: "ours" } };
    assert.deepEqual((await codex.mcpServer.tool.call(params)).structuredContent, { text: "OURS" });
    const { items } = await thread.run("be loud").result();
    assert.deepEqual(
      asked.map(({ type }) => type),
      ["mcpToolCall", "mcpToolCall"],
    );
    assert.deepEqual(
      items.flatMap((item) => (item.type === "mcpToolCall" ? [[item.status, item.result?.structuredContent]] : [])),
      [
        ["completed", { text: "HELLO" }],
        ["failed", undefined],
      ],
    );
  },
};

export const sessionApproval: AppServerScenario = {
  id: "app-server.session-approval",
  sentence: "what is accepted for the session is not asked again: a command, the files of a patch, a tool",
  turns: [
    () => [escalated("call-1", "touch one")],
    () => [escalated("call-2", "touch one")],
    () => [shout("call-3")],
    () => [shout("call-4")],
    () => [patch("call-5", "file.txt")],
    () => [
      execCommand("call-6", `apply_patch <<'EOF'\n*** Begin Patch\n*** Delete File: file.txt\n*** End Patch\nEOF`),
    ],
  ],
  async run({ folder, start }) {
    await using server = await start({ tables: LOUD });
    const { codex } = server;
    const asked: string[] = [];
    const approve = async ({ type }: ApprovalRequest): Promise<ApprovalDecision> => {
      asked.push(type);
      return "acceptForSession";
    };
    const thread = await codex.threads.start({ cwd: folder, ...READ_ONLY, approve });
    const { items } = await thread.run("again and again").result();
    assert.deepEqual(asked, ["command", "mcpToolCall", "fileChange"]);
    assert.deepEqual(
      items.flatMap((item) => ("status" in item ? [item.status] : [])),
      Array.from({ length: 6 }, () => "completed"),
    );
    assert.equal(await exists(join(folder, "file.txt")), false);
  },
};
