/** What servers may be called. */
const NAME = /^[a-zA-Z0-9_:@/.-]+$/;

/** What is wrong with the name of a server, in a line; undefined: nothing. A server whose name is wrong is not started, others are. */
export function serverNameProblem(name: string): string | undefined {
  if (NAME.test(name)) return undefined;
  const shown = name.replaceAll(/[^\x20-\x7e]/g, "?");
  return `Invalid MCP server name '${shown}': must match pattern ^[a-zA-Z0-9_:@/.-]+$`;
}
