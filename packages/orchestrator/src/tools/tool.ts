/** A JSON Schema of an object: what a tool takes, as models and MCP clients are told. */
export interface ToolSchema {
  readonly type: "object";
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
  readonly [keyword: string]: unknown;
}

/** What a tool gives back, in the shapes of MCP. */
export type ToolContent =
  | { readonly type: "text"; readonly text: string }
  /** `data` in base64. */
  | { readonly type: "image"; readonly data: string; readonly mimeType: string };

export interface ToolResult {
  readonly content: readonly ToolContent[];
  /** It was done in vain; `content` says why, in words for a model. Default false. */
  readonly isError?: boolean | undefined;
}

/** What a call comes with besides its arguments. */
export interface ToolCall {
  /** Name of this call, for approvals and events. Default: a random one. */
  readonly callId?: string | undefined;
  /** Gives the call up. What runs in the background runs on. */
  readonly signal?: AbortSignal | undefined;
}

/** Something that an agent can do, whatever brings its calls: a loop around a model, or an MCP client. */
export interface Tool {
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** For models: what it does, and when to take it. */
  readonly description: string;
  readonly inputSchema: ToolSchema;
  /** Hints for MCP clients. */
  readonly annotations?:
    | {
        readonly readOnlyHint?: boolean;
        readonly destructiveHint?: boolean;
        readonly idempotentHint?: boolean;
        readonly openWorldHint?: boolean;
      }
    | undefined;
  /**
   * Arguments that the schema refuses, and whatever goes wrong on the way, are a result with `isError`.
   *
   * @throws The reason of `signal`, once it is aborted. Nothing else.
   */
  call(args: unknown, call?: ToolCall): Promise<ToolResult>;
}
