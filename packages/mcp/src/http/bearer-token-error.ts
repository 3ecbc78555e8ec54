/** The variable that is to hold the bearer token of a server holds none. */
export class BearerTokenError extends Error {
  override readonly name = "BearerTokenError";
  readonly serverName: string;
  readonly variable: string;

  constructor(serverName: string, variable: string, problem: string) {
    super(`Environment variable ${variable} for MCP server '${serverName}' ${problem}`);
    this.serverName = serverName;
    this.variable = variable;
  }
}
