import type { DynamicToolCallOutputContentItem, DynamicToolSpec, ThreadItem } from "@holdfast/app-server-protocol";
import { askWithin } from "../turn/ask-within.ts";
import type { TurnScope } from "../turn/turn-scope.ts";
import type { AgentTool, CallOutput, ModelCall, OutputPart } from "./agent-tool.ts";
import { argumentsOf } from "./call-arguments.ts";
import { CLIENT_TOOL_MAX_MS } from "./limits.ts";

type DynamicItem = Extract<ThreadItem, { type: "dynamicToolCall" }>;

/** Tools that a client brings, and runs itself. Those whose loading is put off are not offered: a model has enough without them. */
export function dynamicTools(specs: readonly DynamicToolSpec[]): readonly AgentTool[] {
  return specs.flatMap((spec) => {
    if (spec.type === "function") return [clientTool(spec)];
    return spec.tools.map((tool) => ({
      ...clientTool(tool),
      namespace: spec.name,
      namespaceDescription: spec.description,
    }));
  });
}

function clientTool({
  name,
  description,
  inputSchema: parameters,
  deferLoading,
}: {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: unknown;
  readonly deferLoading?: boolean;
}): AgentTool {
  return {
    name,
    definition: { type: "function", name, description, strict: false, parameters },
    isOffered: deferLoading !== true,
    isParallel: true,
    run: callClient,
  };
}

async function callClient({ callId, name, namespace, input }: ModelCall, scope: TurnScope): Promise<CallOutput> {
  const args = argumentsOf(input);
  const { items, signal, clock } = scope;
  const begunAt = clock.now();
  const item: DynamicItem = {
    type: "dynamicToolCall",
    id: callId,
    namespace: namespace ?? null,
    tool: name,
    arguments: args,
    status: "inProgress",
    contentItems: null,
    success: null,
    durationMs: null,
  };
  items.start(item);
  try {
    const { contentItems, success } = await askWithin(
      scope,
      "item/tool/call",
      {
        callId,
        namespace: namespace ?? null,
        tool: name,
        arguments: args,
      },
      CLIENT_TOOL_MAX_MS,
    );
    const durationMs = Math.round(clock.now() - begunAt);
    items.complete({ ...item, status: success ? "completed" : "failed", contentItems, success, durationMs });
    return contentItems.map(partOf);
  } catch (error) {
    signal.throwIfAborted();
    items.complete({ ...item, status: "failed", success: false, durationMs: Math.round(clock.now() - begunAt) });
    return `the client did not run the tool: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function partOf(item: DynamicToolCallOutputContentItem): OutputPart {
  if (item.type === "inputText" && "text" in item) return { type: "input_text", text: String(item.text) };
  if (item.type === "inputImage" && "imageUrl" in item) {
    return { type: "input_image", image_url: String(item.imageUrl), detail: "auto" };
  }
  return { type: "input_text", text: `[${item.type}, which can not be passed on]` };
}
