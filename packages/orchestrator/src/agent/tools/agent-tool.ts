import type { ToolDefinition } from "../model/model-request.ts";
import type { TurnScope } from "../turn/turn-scope.ts";

/** What a model asks for. */
export interface ModelCall {
  readonly kind: "function" | "custom";
  readonly callId: string;
  readonly namespace: string | undefined;
  readonly name: string;
  /** JSON of the arguments; of a custom tool the bare text. */
  readonly input: string;
}

/** A part of what a call gives back, as the Responses API has it. */
export type OutputPart =
  | { readonly type: "input_text"; readonly text: string }
  | { readonly type: "input_image"; readonly image_url: string; readonly detail: "high" | "auto" };

export type CallOutput = string | readonly OutputPart[];

/** Something that a model can have done. */
export interface AgentTool {
  readonly namespace?: string | undefined;
  readonly name: string;
  /** As the model is told of it; of one in a namespace without that. */
  readonly definition: ToolDefinition;
  /** Of a namespace: what its tools are for. */
  readonly namespaceDescription?: string | undefined;
  /** False: it is taken, but no model is told of it. Default true. */
  readonly isOffered?: boolean | undefined;
  /** Whether it may run at the same time as others. */
  readonly isParallel: boolean;
  /** Failures are outputs. @throws The reason of the turn's signal, once that is aborted; what else it throws becomes an output. */
  run(call: ModelCall, scope: TurnScope): Promise<CallOutput>;
}
