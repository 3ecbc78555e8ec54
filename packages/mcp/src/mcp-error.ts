const MCP_ERROR = Symbol.for("holdfast.McpError");

/**
 * What went wrong with an MCP server.
 *
 * - `unknown-server`: there is none of that name.
 * - `unavailable`: it did not start, or is gone.
 * - `tool-disabled`: its configuration does not let that tool be used.
 * - `timeout`: it did not answer in time.
 * - `refused`: it answered with an error, which is the `cause`.
 * - `failed`: the operation failed in another way.
 * - `required-failed`: a server without which the others are of no use did not start.
 * - `superseded`: a newer refresh took the place of this one.
 * - `shut-down`: there are no servers any more.
 * - `unknown-elicitation`: nobody waits for that answer.
 */
export type McpErrorCode =
  | "unknown-server"
  | "unavailable"
  | "tool-disabled"
  | "timeout"
  | "refused"
  | "failed"
  | "required-failed"
  | "superseded"
  | "shut-down"
  | "unknown-elicitation";

/** An MCP server could not be started or used. The message names the server and says why. */
export class McpError extends Error {
  override readonly name = "McpError";
  readonly [MCP_ERROR] = true;
  readonly code: McpErrorCode;
  /** Undefined: it is about no single server. */
  readonly serverName: string | undefined;

  constructor(
    code: McpErrorCode,
    message: string,
    options: { readonly serverName?: string | undefined; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.serverName = options.serverName;
  }
}

/** An {@link McpError} of this or another copy of the package. */
export function isMcpError(value: unknown): value is McpError {
  return typeof value === "object" && value !== null && MCP_ERROR in value;
}
