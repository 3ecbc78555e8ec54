const LOGIN_REQUIRED = Symbol.for("holdfast.McpLoginRequiredError");

/** A server wants its user to sign in. The message says how. */
export class McpLoginRequiredError extends Error {
  override readonly name = "McpLoginRequiredError";
  readonly [LOGIN_REQUIRED] = true;
  readonly serverName: string;

  /** @param advice - How to sign in, as a sentence. */
  constructor(serverName: string, advice: string, options: { readonly cause?: unknown } = {}) {
    super(`The ${serverName} MCP server is not logged in. ${advice}`, options);
    this.serverName = serverName;
  }
}

/** A {@link McpLoginRequiredError} of this or another copy of the package. */
export function isMcpLoginRequired(value: unknown): value is McpLoginRequiredError {
  return typeof value === "object" && value !== null && LOGIN_REQUIRED in value;
}
