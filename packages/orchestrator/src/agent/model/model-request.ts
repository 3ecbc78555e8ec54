import type { ReasoningEffort, ReasoningSummary } from "@holdfast/app-server-protocol";
import type { ResponseItem } from "./response-item.ts";

/** A tool as the Responses API has it. */
export interface ToolDefinition {
  readonly type: string;
  readonly [member: string]: unknown;
}

/** What a model is asked. */
export interface ModelRequest {
  readonly model: string;
  readonly input: readonly ResponseItem[];
  readonly tools: readonly ToolDefinition[];
  readonly effort: ReasoningEffort | undefined;
  readonly summary: ReasoningSummary | undefined;
  readonly verbosity: string | undefined;
  readonly serviceTier: string | undefined;
  /** JSON Schema that the answer has to be of. */
  readonly outputSchema: unknown;
  readonly threadId: string;
  readonly sessionId: string;
  readonly turnId: string;
  /** How often the conversation was made shorter. */
  readonly windowNumber: number;
  readonly kind: "turn" | "compaction";
}

/** The body of `POST /responses`. */
export function requestBody(request: ModelRequest): Readonly<Record<string, unknown>> {
  const { threadId, sessionId, turnId, tools, kind } = request;
  const windowId = windowIdOf(request);
  const metadata = {
    session_id: sessionId,
    thread_id: threadId,
    turn_id: turnId,
    window_id: windowId,
    request_kind: kind,
  };
  return {
    model: request.model,
    stream: true,
    input: request.input.map(sentItem),
    ...(tools.length === 0 ? {} : { tools, tool_choice: "auto", parallel_tool_calls: true }),
    reasoning: reasoningOf(request),
    store: false,
    include: ["reasoning.encrypted_content"],
    ...(request.serviceTier === undefined ? {} : { service_tier: request.serviceTier }),
    prompt_cache_key: threadId,
    ...textOf(request),
    client_metadata: {
      session_id: sessionId,
      thread_id: threadId,
      turn_id: turnId,
      root_turn_id: turnId,
      "x-codex-window-id": windowId,
      "x-codex-turn-metadata": JSON.stringify(metadata),
    },
  };
}

/** Headers besides those of the provider. */
export function requestHeaders(request: ModelRequest): Readonly<Record<string, string>> {
  return {
    accept: "text/event-stream",
    "content-type": "application/json",
    "session-id": request.sessionId,
    "thread-id": request.threadId,
    "x-client-request-id": request.threadId,
    "x-codex-window-id": windowIdOf(request),
  };
}

function windowIdOf({ threadId, windowNumber }: ModelRequest): string {
  return `${threadId}:${windowNumber}`;
}

function reasoningOf({ effort, summary = "auto" }: ModelRequest): Readonly<Record<string, unknown>> {
  return { ...(effort === undefined ? {} : { effort }), ...(summary === "none" ? {} : { summary }) };
}

function textOf({ verbosity, outputSchema }: ModelRequest): Readonly<Record<string, unknown>> {
  if (verbosity === undefined && outputSchema === undefined) return {};
  const format = { type: "json_schema", strict: true, name: "codex_output_schema", schema: outputSchema };
  return {
    text: {
      ...(verbosity === undefined ? {} : { verbosity }),
      ...(outputSchema === undefined ? {} : { format }),
    },
  };
}

/** Members of entries that are sent back, by their types. Providers refuse some of the others, and files that keep conversations add their own. */
const SENT: Readonly<Record<string, readonly string[]>> = {
  message: ["type", "id", "role", "content", "phase"],
  reasoning: ["type", "id", "summary", "content", "encrypted_content"],
  function_call: ["type", "id", "name", "namespace", "arguments", "call_id"],
  custom_tool_call: ["type", "id", "name", "namespace", "input", "call_id"],
  function_call_output: ["type", "id", "call_id", "output"],
  custom_tool_call_output: ["type", "id", "call_id", "output"],
};

function sentItem(item: ResponseItem): ResponseItem {
  const names = SENT[item.type];
  const sent = Object.entries(item).filter(([name, value]) =>
    names === undefined
      ? name !== "metadata" && name !== "internal_chat_message_metadata_passthrough"
      : names.includes(name) && value !== undefined,
  );
  return Object.fromEntries(sent) as ResponseItem;
}
