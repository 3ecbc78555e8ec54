import type { McpToolCallResult, ThreadItem } from "@holdfast/app-server-protocol";
import type { McpManager, McpTool, ModelTool } from "@holdfast/mcp";
import { isRecord } from "../../steps/is-record.ts";
import type { TurnScope } from "../turn/turn-scope.ts";
import type { AgentTool, CallOutput, ModelCall, OutputPart } from "./agent-tool.ts";
import { argumentsOf } from "./call-arguments.ts";
import { TOOL_IMAGE_MAX_LENGTH, TOOL_TEXT_MAX_LENGTH } from "./limits.ts";
import type { McpApprovals } from "./mcp-approvals.ts";

type McpItem = Extract<ThreadItem, { type: "mcpToolCall" }>;
type CallResult = Awaited<ReturnType<McpManager["callTool"]>>;

/** The tools of MCP servers for a model, each in the namespace of its server. */
export function mcpTools(
  manager: McpManager,
  tools: readonly ModelTool<McpTool>[],
  approvals: McpApprovals,
): readonly AgentTool[] {
  return tools.map(({ namespace, name, namespaceDescription, source }) => {
    const { description = "", inputSchema: parameters } = source.tool;
    return {
      namespace,
      name,
      namespaceDescription,
      definition: { type: "function", name, description, strict: false, parameters },
      isParallel: source.config.supportsParallelToolCalls,
      run: (call: ModelCall, scope: TurnScope) => new McpCall(manager, source, approvals, scope).run(call),
    };
  });
}

/** One call of a tool of a server, as an item of the turn. */
class McpCall {
  readonly #manager: McpManager;
  readonly #source: McpTool;
  readonly #approvals: McpApprovals;
  readonly #scope: TurnScope;

  constructor(manager: McpManager, source: McpTool, approvals: McpApprovals, scope: TurnScope) {
    this.#manager = manager;
    this.#source = source;
    this.#approvals = approvals;
    this.#scope = scope;
  }

  async run({ callId, input }: ModelCall): Promise<CallOutput> {
    const args = argumentsOf(input);
    if (!isRecord(args)) throw new Error("failed to parse function arguments: they must be an object");
    const { items, signal, clock } = this.#scope;
    const begunAt = clock.now();
    const item = this.#item(callId, args);
    items.start(item);
    try {
      const refusal = await this.#approvals.refusal({ source: this.#source, args }, this.#scope);
      if (refusal !== undefined) return this.#failed(item, refusal, begunAt);
      const result = await this.#call(callId, args);
      const durationMs = Math.round(clock.now() - begunAt);
      items.complete({
        ...item,
        status: result.isError === true ? "failed" : "completed",
        result: shown(result),
        durationMs,
      });
      return outputOf(result, clock.now() - begunAt);
    } catch (error) {
      signal.throwIfAborted();
      const words = error instanceof Error ? error.message : String(error);
      return this.#failed(item, `tool call error: ${words}`, begunAt);
    }
  }

  async #call(itemId: string, args: Readonly<Record<string, unknown>>): Promise<CallResult> {
    const { port, signal } = this.#scope;
    const { serverName, tool } = this.#source;
    return await this.#manager.callTool(serverName, tool.name, args, {
      signal,
      onProgress: ({ message, progress, total }) => {
        const text = message ?? (total === undefined ? `${progress}` : `${progress} of ${total}`);
        port.emit("item/mcpToolCall/progress", { itemId, message: text });
      },
    });
  }

  #failed(item: McpItem, message: string, begunAt: number): CallOutput {
    const ms = this.#scope.clock.now() - begunAt;
    this.#scope.items.complete({ ...item, status: "failed", error: { message }, durationMs: Math.round(ms) });
    return [head(ms), { type: "input_text", text: message }];
  }

  #item(id: string, args: Readonly<Record<string, unknown>>): McpItem {
    const { serverName, tool } = this.#source;
    return {
      type: "mcpToolCall",
      id,
      server: serverName,
      environmentId: null,
      tool: tool.name,
      status: "inProgress",
      arguments: args,
      appContext: null,
      mcpAppUi: null,
      pluginId: null,
      readOnlyHint: tool.annotations?.readOnlyHint ?? null,
      result: null,
      error: null,
      durationMs: null,
    };
  }
}

function shown({ content, structuredContent, _meta }: CallResult): McpToolCallResult {
  return { content, structuredContent: structuredContent ?? null, _meta: _meta ?? null } as McpToolCallResult;
}

function head(ms: number): OutputPart {
  return { type: "input_text", text: `Wall time: ${(ms / 1_000).toFixed(4)} seconds\nOutput:` };
}

function outputOf({ content, structuredContent }: CallResult, ms: number): CallOutput {
  if (structuredContent !== undefined && structuredContent !== null) {
    return `Wall time: ${(ms / 1_000).toFixed(4)} seconds\nOutput:\n${JSON.stringify(structuredContent)}`;
  }
  return [head(ms), ...content.map(partOf)];
}

function partOf(part: CallResult["content"][number]): OutputPart {
  if (part.type === "text") return { type: "input_text", text: shortened(part.text) };
  if (part.type === "image" && part.data.length <= TOOL_IMAGE_MAX_LENGTH) {
    return { type: "input_image", image_url: `data:${part.mimeType};base64,${part.data}`, detail: "high" };
  }
  if (part.type === "image" || part.type === "audio") return { type: "input_text", text: `[${part.type} left out]` };
  return { type: "input_text", text: shortened(JSON.stringify(part)) };
}

function shortened(text: string): string {
  if (text.length <= TOOL_TEXT_MAX_LENGTH) return text;
  const half = TOOL_TEXT_MAX_LENGTH / 2;
  return `${text.slice(0, half)}…${text.length - TOOL_TEXT_MAX_LENGTH} characters left out…${text.slice(-half)}`;
}
