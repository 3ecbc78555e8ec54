/** The configuration of an MCP server can not be used. The message says what, where and why, without a value that could be secret. */
export class McpConfigError extends Error {
  override readonly name = "McpConfigError";
  /** The member that is wrong, such as `mcp_servers.docs.url`. */
  readonly path: string;

  /** @param rule - What is wrong, without the place. */
  constructor(rule: string, path: string) {
    super(`${rule} in \`${path}\``);
    this.path = path;
  }
}
