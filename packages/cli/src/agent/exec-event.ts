/** A line of `--json`: what `codex exec --json` prints, and the official SDK of Codex reads. */
export type ExecEvent =
  | { readonly type: "thread.started"; readonly thread_id: string }
  | { readonly type: "turn.started" }
  | { readonly type: "turn.completed"; readonly usage: ExecUsage }
  | { readonly type: "turn.failed"; readonly error: { readonly message: string } }
  | { readonly type: "error"; readonly message: string }
  | { readonly type: "item.started" | "item.updated" | "item.completed"; readonly item: ExecItem };

/** Tokens of the thread so far. */
export interface ExecUsage {
  readonly input_tokens: number;
  readonly cached_input_tokens: number;
  readonly cache_write_input_tokens: number;
  readonly output_tokens: number;
  readonly reasoning_output_tokens: number;
}

/** What the agent did. `item_<n>`, counted from 0 in each run of the program. */
export type ExecItem = { readonly id: string } & ExecItemDetails;

export type ExecItemDetails =
  | { readonly type: "agent_message" | "reasoning"; readonly text: string }
  | {
      readonly type: "command_execution";
      readonly command: string;
      readonly aggregated_output: string;
      readonly exit_code: number | null;
      readonly status: "in_progress" | "completed" | "failed" | "declined";
    }
  | {
      readonly type: "file_change";
      readonly changes: readonly { readonly path: string; readonly kind: "add" | "delete" | "update" }[];
      readonly status: "in_progress" | "completed" | "failed";
    }
  | {
      readonly type: "mcp_tool_call";
      readonly server: string;
      readonly tool: string;
      readonly arguments: unknown;
      readonly result: { readonly content: readonly unknown[]; readonly structured_content: unknown } | null;
      readonly error: { readonly message: string } | null;
      readonly status: "in_progress" | "completed" | "failed";
    }
  | { readonly type: "web_search"; readonly query: string }
  | { readonly type: "todo_list"; readonly items: readonly { readonly text: string; readonly completed: boolean }[] }
  | { readonly type: "error"; readonly message: string };
