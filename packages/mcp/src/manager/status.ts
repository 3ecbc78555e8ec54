/** How a server is, at one time. */
export type McpServerState = "starting" | "ready" | "failed" | "cancelled";

/** A change of one server's state. */
export interface McpServerStatus {
  readonly serverName: string;
  readonly state: McpServerState;
  /** Why, of one that `failed` or was `cancelled`. */
  readonly error?: string | undefined;
}

/** How all servers of a set began. */
export interface McpStartup {
  readonly ready: readonly string[];
  readonly failed: readonly { readonly serverName: string; readonly error: string }[];
  readonly cancelled: readonly string[];
}

/** What servers tell of themselves. */
export interface McpServerLog {
  readonly serverName: string;
  /** Its stderr, or a `notifications/message`. */
  readonly source: "stderr" | "message";
  /** Severity of a message, in the words of MCP. */
  readonly level?: string | undefined;
  /** One line, at most 8,192 characters. */
  readonly text: string;
}
