import { untilAborted } from "@holdfast/rpc/client";
import type { ResponseItem } from "../model/response-item.ts";
import type { AgentTool, CallOutput, ModelCall } from "../tools/agent-tool.ts";
import type { ToolSet } from "../tools/tool-set.ts";
import { uuidV7 } from "../uuid-v7.ts";
import { ARGUMENTS_MAX_LENGTH, CALLS_PER_RESPONSE_MAX, OUTPUT_MAX_LENGTH } from "./limits.ts";
import type { TurnScope } from "./turn-scope.ts";

interface RunningCall {
  readonly call: ModelCall;
  readonly begunAt: number;
  /** Never rejects. Undefined: it was given up. */
  readonly output: Promise<CallOutput | undefined>;
}

/** The calls of one response: each runs from when it has come, and once. */
export class ToolCalls {
  readonly #tools: ToolSet;
  readonly #scope: TurnScope;
  readonly #calls: RunningCall[] = [];
  /** Those that others have to wait for, who run alone. */
  #parallel: Promise<unknown>[] = [];
  #alone: Promise<unknown> = Promise.resolve();

  constructor(tools: ToolSet, scope: TurnScope) {
    this.#tools = tools;
    this.#scope = scope;
  }

  get count(): number {
    return this.#calls.length;
  }

  /** Run what an entry of a response calls. @returns Whether it is a call. */
  start(item: ResponseItem): boolean {
    const call = callOf(item);
    if (call === undefined) return false;
    const begunAt = this.#scope.clock.now();
    const output = this.#begin(call).catch((error: unknown) =>
      this.#scope.signal.aborted ? undefined : bounded(error instanceof Error ? error.message : String(error)),
    );
    this.#calls.push({ call, begunAt, output: untilAborted(output, this.#scope.signal).catch(() => undefined) });
    return true;
  }

  /** What all of them gave back, in the order of the calls; those that an interruption has given up say so. */
  async outputs(): Promise<readonly ResponseItem[]> {
    const { clock } = this.#scope;
    return await Promise.all(
      this.#calls.map(async ({ call, begunAt, output }) => {
        const given = (await output) ?? `Wall time: ${seconds(clock.now() - begunAt)} seconds\naborted by user`;
        return outputItem(call, given);
      }),
    );
  }

  #begin(call: ModelCall): Promise<CallOutput> {
    const tool = this.#tools.find(call);
    const refusal = this.#refusal(call, tool);
    if (refusal !== undefined || tool === undefined) return Promise.resolve(refusal ?? "");
    const before = tool.isParallel ? this.#alone : Promise.all([this.#alone, ...this.#parallel]);
    const running = before.then(async () => {
      this.#scope.signal.throwIfAborted();
      return bounded(await tool.run(call, this.#scope));
    });
    const settled = running.catch(() => {});
    if (tool.isParallel) this.#parallel.push(settled);
    else {
      this.#alone = settled;
      this.#parallel = [];
    }
    return running;
  }

  #refusal(call: ModelCall, tool: AgentTool | undefined): string | undefined {
    const { kind, callId, input } = call;
    if (this.#calls.some((each) => each.call.callId === callId)) return `there was a call of the id ${callId} before`;
    if (this.#calls.length >= CALLS_PER_RESPONSE_MAX) {
      return `not run: a response may have ${CALLS_PER_RESPONSE_MAX} calls`;
    }
    if (input.length > ARGUMENTS_MAX_LENGTH) {
      return `not run: arguments may have ${ARGUMENTS_MAX_LENGTH} characters`;
    }
    if (tool !== undefined) return undefined;
    const name = call.namespace === undefined ? call.name : `${call.namespace}${call.name}`;
    return kind === "custom" ? `unsupported custom tool call: ${name}` : `unsupported call: ${name}`;
  }
}

/** The call that an entry of a conversation is, if it is one. */
export function callOf(item: ResponseItem): ModelCall | undefined {
  const isCustom = item.type === "custom_tool_call";
  if (!isCustom && item.type !== "function_call") return undefined;
  const { call_id: callId, name, namespace } = item;
  const input = isCustom ? item.input : item.arguments;
  return {
    kind: isCustom ? "custom" : "function",
    callId: textOr(callId, textOr(item.id, "")),
    namespace: typeof namespace === "string" ? namespace : undefined,
    name: textOr(name, ""),
    input: textOr(input, ""),
  };
}

/** What a call gave back, as an entry of the conversation. */
export function outputItem({ kind, callId }: ModelCall, output: CallOutput): ResponseItem {
  return kind === "custom"
    ? { type: "custom_tool_call_output", id: `ctco_${uuidV7()}`, call_id: callId, output }
    : { type: "function_call_output", id: `fco_${uuidV7()}`, call_id: callId, output };
}

function bounded<Output extends CallOutput>(output: Output): Output | string {
  if (typeof output !== "string" || output.length <= OUTPUT_MAX_LENGTH) return output;
  const half = OUTPUT_MAX_LENGTH / 2;
  return `${output.slice(0, half)}…${output.length - OUTPUT_MAX_LENGTH} characters left out…${output.slice(-half)}`;
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}
