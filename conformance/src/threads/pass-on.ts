import assert from "node:assert/strict";
import type { ServerNotices, ThreadItem } from "@holdfast/app-server-protocol";
import { type AppServerUnderTest, startAppServer } from "../app-server/reference-app-server.ts";
import type { ServerRelease } from "../app-server/server-release.ts";
import { type ConversationItem, type MockModel, type ModelTurn, startMockModel } from "../mock-model.ts";
import { scratchCodexHome, temporaryFolder } from "../places.ts";
import { call } from "./call.ts";

/** Servers that have a thread one after the other. */
export type Owners = readonly [ServerRelease, ...ServerRelease[]];

/** Whether a thread keeps what was done in it, or only what was said, as old releases do. */
export type KeptItems = "all" | "said";

/** What is said to the first server, and done for it. */
const COMMAND = "echo out-$((40+2))";
const OUTPUT = "out-42\n";

function saysAndRuns(): readonly ModelTurn[] {
  const call = {
    type: "function_call",
    id: "fc_1",
    call_id: "call_1",
    name: "exec_command",
    arguments: JSON.stringify({ cmd: COMMAND, login: false, yield_time_ms: 10_000 }),
  };
  const message = (text: string, id: string): ConversationItem => ({
    type: "message",
    role: "assistant",
    id,
    content: [{ type: "output_text", text }],
  });
  return [() => [message("I hear you", "msg_1")], () => [call], () => [message("I ran it", "msg_2")]];
}

/**
 * Have a thread made by the first server and go on with each of the others. Everything of it has to be there each time.
 *
 * @param kept - What of a thread of the first server is kept for clients. The conversation with the model is always whole. Where no more than what was said is kept,
 *   a server goes by its own configuration, too.
 * @throws AssertionError - Something is not.
 */
export async function passOn(owners: Owners, kept: KeptItems): Promise<void> {
  await using folder = await temporaryFolder();
  await using home = await scratchCodexHome();
  await using model = await startMockModel(saysAndRuns());
  const [first, ...others] = owners;
  const begin = { cwd: folder.path, sandbox: "danger-full-access", approvalPolicy: "never" };
  const said: string[] = ["hello", "run it"];
  let threadId: string;
  {
    await using server = await startAppServer(first, { home: home.path, model });
    threadId = (await call(server, "thread/start", begin)).thread.id;
    for (const text of said) await turn(server, threadId, text);
  }
  for (const owner of others) {
    await using server = await startAppServer(owner, { home: home.path, model });
    const { data } = await call(server, "thread/list", {});
    assert.deepEqual(
      data.map(({ id, preview }: { id: string; preview: string }) => ({ id, preview })),
      [{ id: threadId, preview: "hello" }],
      `${owner.name} lists it`,
    );
    const resumed = await call(server, "thread/resume", { threadId });
    assert.equal(resumed.model, "gpt-5.1-codex");
    if (kept === "all") {
      assert.equal(resumed.approvalPolicy, "never");
      assert.deepEqual(resumed.sandbox, { type: "dangerFullAccess" }, `${owner.name} keeps the sandbox`);
    }
    assert.deepEqual(
      linesOf(resumed.thread.turns),
      linesOfAll(said, kept),
      `${owner.name} shows what was said and done`,
    );
    const more = `go on with ${owner.name}`;
    await turn(server, threadId, more);
    assertWhole(model, [...said, more]);
    said.push(more);
  }
}

async function turn(server: AppServerUnderTest, threadId: string, text: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<ServerNotices["turn/completed"]["turn"]>();
  const stop = server.codex.on("turn/completed", (notice) => resolve(notice.turn));
  try {
    await call(server, "turn/start", { threadId, input: [{ type: "text", text, text_elements: [] }] });
    assert.equal((await promise).status, "completed");
  } finally {
    stop();
  }
}

/** Each turn as what was said and done in it. */
function linesOf(turns: readonly { readonly items: readonly ThreadItem[] }[]): readonly string[][] {
  return turns.map(({ items }) => items.map(lineOf));
}

function lineOf(item: ThreadItem): string {
  const { type, text, content, aggregatedOutput } = item as ThreadItem & {
    readonly text?: string;
    readonly content?: readonly { readonly text?: string }[];
    readonly aggregatedOutput?: string;
  };
  return `${type}: ${text ?? content?.[0]?.text ?? aggregatedOutput}`;
}

function linesOfAll(said: readonly string[], kept: KeptItems): readonly string[][] {
  return said.map((text, index) => {
    const user = `userMessage: ${text}`;
    if (index === 0) return [user, "agentMessage: I hear you"];
    if (index > 1) return [user, "agentMessage: done"];
    const done = kept === "all" ? [`commandExecution: ${OUTPUT}`] : [];
    return [user, ...done, "agentMessage: I ran it"];
  });
}

/** The model has seen all that was said, in order, and the command with what it printed. */
function assertWhole(model: MockModel, said: readonly string[]): void {
  const input = model.requests.at(-1)?.input ?? [];
  const texts = input.flatMap(({ role, content }) =>
    role === "user" && Array.isArray(content) ? content.map((part: { text?: string }) => part.text) : [],
  );
  assert.deepEqual(
    texts.filter((text) => said.includes(text ?? "")),
    said,
  );
  const output = input.find(({ type, call_id: id }) => type === "function_call_output" && id === "call_1");
  assert.match(String(output?.output), new RegExp(OUTPUT.trim()));
}
