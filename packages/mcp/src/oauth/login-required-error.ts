import { shownWords } from "../http/shown-words.ts";

const LOGIN_REQUIRED = Symbol.for("holdfast.McpLoginRequiredError");

export interface LoginRequiredDetails {
  /** What a login has to ask for, where the one that there is asked for too little. */
  readonly scopes?: readonly string[] | undefined;
  readonly cause?: unknown;
}

/** A server wants its user to sign in, or to sign in for more. The message says how. */
export class McpLoginRequiredError extends Error {
  override readonly name = "McpLoginRequiredError";
  readonly [LOGIN_REQUIRED] = true;
  readonly serverName: string;
  /** What a login has to ask for; undefined: whatever it would. */
  readonly scopes: readonly string[] | undefined;

  /** @param advice - How to sign in, as a sentence. */
  constructor(serverName: string, advice: string, { scopes, cause }: LoginRequiredDetails = {}) {
    const problem =
      scopes === undefined ? "is not logged in" : `needs a login for ${scopes.map(shownWords).join(", ")}`;
    super(`The ${serverName} MCP server ${problem}. ${advice}`, cause === undefined ? undefined : { cause });
    this.serverName = serverName;
    this.scopes = scopes;
  }
}

/** A {@link McpLoginRequiredError} of this or another copy of the package. */
export function isMcpLoginRequired(value: unknown): value is McpLoginRequiredError {
  return typeof value === "object" && value !== null && LOGIN_REQUIRED in value;
}
