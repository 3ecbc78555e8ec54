import { parseArgs } from "node:util";
import { APP_SERVER_RELEASES } from "../app-server/options.ts";
import { UsageError } from "../options.ts";

export const MCP_USAGE = `usage: node conformance/src/main.ts mcp [options]

MCP servers as real releases know them: what each says of a configuration that it refuses, which names it gives to tools, and whether it finds our logins.

  --release X      one release (default: ${APP_SERVER_RELEASES.join(", ")})
  --rounds N       sets of random servers and tools (default: 4)
  --seed N         which (default: another one each time; it is printed)
`;

export interface McpRunOptions {
  readonly releases: readonly string[];
  readonly rounds: number;
  readonly seed: number;
}

/** @throws UsageError */
export function parseMcpOptions(argv: readonly string[]): McpRunOptions & { readonly help: boolean } {
  const options = {
    release: { type: "string" },
    rounds: { type: "string", default: "4" },
    seed: { type: "string", default: String(Math.trunc(Math.random() * 2 ** 31)) },
    help: { type: "boolean", default: false },
  } as const;
  try {
    const { release, rounds, seed, help } = parseArgs({ args: [...argv], options }).values;
    const releases = release === undefined ? APP_SERVER_RELEASES : [release];
    return { releases, rounds: Number(rounds), seed: Number(seed), help };
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
