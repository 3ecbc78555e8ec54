import { setTimeout as sleep } from "node:timers/promises";
import type { ConversationItem, ModelEvent, ModelRequest, ModelTurn } from "../mock-model.ts";

/** Milliseconds between two lines of a slow answer. */
const SLOW_PAUSE_MS = 300;
/** Lines of one. */
export const SLOW_LINES = 20;

/** The n-th line of a slow answer, from 1. */
export function slowLine(n: number): string {
  return `part ${n} of what is said slowly`;
}

/** Characters of a piece of an answer that is streamed. */
const PIECE_CHARACTERS = 10;
/** Milliseconds that a command is given before it goes on in the background. */
const COMMAND_PATIENCE_MS = 10_000;

export const TITLE = "An obedient model";
/** What it says after a tool has given its result. */
export const AFTER_TOOL = "That was it.";

/** Why it fails; nobody tries again after that. */
export const FAILURE = "insufficient_quota";

/** What a name is called with. */
interface Call {
  readonly name: string;
  readonly namespace?: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/**
 * A model that does what the last message of the user says, so that whoever types decides:
 *
 * - `run CMD`: the command. `ask CMD`: the command, unconfined, which has to be approved.
 * - `patch FILE`: a new file by a patch. `edit FILE`: its first line changed.
 * - `shout TEXT`: the tool `shout` of the MCP server `loud`.
 * - `slow`: some seconds of text. `fail`: nothing, for the reason {@link FAILURE}.
 * - anything else: said again, after `Echo: `.
 */
export const obedientModel: ModelTurn = (request, signal) => {
  const { text, hasResults } = lastWords(request);
  const [word = "", ...rest] = text.split(" ");
  if (request.text?.format?.type === "json_schema") return said(JSON.stringify({ title: TITLE }));
  if (isCompaction(request)) return said("What was said until now, in short.");
  const call = hasResults ? undefined : CALLS[word]?.(rest.join(" "));
  if (call !== undefined) return [callOf(call)];
  if (CALLS[word] !== undefined) return said(AFTER_TOOL);
  if (word === "slow") return slowly(signal);
  if (word === "fail") return failing();
  return said(`Echo: ${text}`);
};

const CALLS: Readonly<Record<string, (rest: string) => Call>> = {
  run: (cmd) => execution({ cmd }),
  ask: (cmd) => execution({ cmd, sandbox_permissions: "require_escalated", justification: "It has to be asked about" }),
  patch: (file) => patch(`*** Add File: ${file}`, "+first line", "+second line"),
  edit: (file) => patch(`*** Update File: ${file}`, "@@", "-first line", "+changed line", " second line"),
  shout: (text) => ({ name: "shout", namespace: "mcp__loud", args: { text } }),
};

function execution(args: Readonly<Record<string, unknown>>): Call {
  return { name: "exec_command", args: { login: false, yield_time_ms: COMMAND_PATIENCE_MS, ...args } };
}

/** As a command, which every model's tools have. */
function patch(...lines: readonly string[]): Call {
  return execution({ cmd: ["apply_patch <<'EOF'", "*** Begin Patch", ...lines, "*** End Patch", "EOF"].join("\n") });
}

let calls = 0;

function callOf({ name, namespace, args }: Call): ConversationItem {
  calls += 1;
  return {
    type: "function_call",
    id: `fc_${calls}`,
    call_id: `call_${calls}`,
    name,
    ...(namespace === undefined ? {} : { namespace }),
    arguments: JSON.stringify(args),
  };
}

/** The last message of a person, and whether tools gave something after it. What else users are made to say begins with a tag or a heading. */
function lastWords({ input }: ModelRequest): { readonly text: string; readonly hasResults: boolean } {
  const at = input.findLastIndex((item) => item.role === "user" && !/^\s*(?:<|# AGENTS)/.test(textOf(item)));
  const said = input[at];
  return {
    text: said === undefined ? "" : textOf(said),
    hasResults: input.slice(at + 1).some(({ type }) => type.endsWith("_output")),
  };
}

function textOf({ content }: ConversationItem): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part: { readonly text?: string }) => part.text ?? "").join("");
}

/** It alone has no tools, but for titles. */
function isCompaction(request: ModelRequest): boolean {
  return (request.tools?.length ?? 0) === 0;
}

async function* said(text: string): AsyncGenerator<ModelEvent> {
  calls += 1;
  const item = { type: "message", role: "assistant", id: `msg_${calls}` };
  yield* begun(item, pieces(text));
  yield { type: "response.output_item.done", item: { ...item, content: [{ type: "output_text", text }] } };
}

function pieces(text: string): readonly string[] {
  return text.match(new RegExp(`[^]{1,${PIECE_CHARACTERS}}`, "g")) ?? [];
}

function* begun(item: ConversationItem & { readonly id?: unknown }, texts: Iterable<string>): Generator<ModelEvent> {
  yield { type: "response.output_item.added", output_index: 0, item: { ...item, content: [] } };
  for (const delta of texts) yield deltaOf(item.id, delta);
}

function deltaOf(id: unknown, delta: string): ModelEvent {
  return { type: "response.output_text.delta", item_id: id, output_index: 0, content_index: 0, delta };
}

async function* slowly(signal: AbortSignal): AsyncGenerator<ModelEvent> {
  calls += 1;
  const item = { type: "message", role: "assistant", id: `msg_${calls}` };
  const lines = Array.from({ length: SLOW_LINES }, (_, index) => `${slowLine(index + 1)}\n\n`);
  yield* begun(item, []);
  for (const line of lines) {
    yield deltaOf(item.id, line);
    await sleep(SLOW_PAUSE_MS, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
  }
  yield {
    type: "response.output_item.done",
    item: { ...item, content: [{ type: "output_text", text: lines.join("") }] },
  };
}

async function* failing(): AsyncGenerator<ModelEvent> {
  yield { type: "response.failed", response: { error: { code: FAILURE, message: "There is nothing left" } } };
}
