import { parseArgs } from "node:util";
import { UsageError } from "../options.ts";

/** Releases whose app server the client promises to work with, oldest first. */
const RELEASES = ["0.144.6", "0.169.0", "0.171.0"] as const;

export const LINES_USAGE = `usage: node conformance/src/main.ts app-server-line [options]

Our client and real app servers, as far as the connection between them goes: pipes, websockets and unix sockets, tokens, servers that are killed, lines that
are cut, readers that stop, floods, terminals, and what is left of children.

  --release X      one release (default: ${RELEASES.join(", ")})
  --scenario TEXT  only scenarios whose id contains TEXT
`;

export interface LineRunOptions {
  readonly releases: readonly string[];
  readonly scenario: string | undefined;
}

/** @throws UsageError */
export function parseLineOptions(argv: readonly string[]): LineRunOptions & { readonly help: boolean } {
  const text = { type: "string" } as const;
  const options = { release: text, scenario: text, help: { type: "boolean", default: false } } as const;
  try {
    const { release, scenario, help } = parseArgs({ args: [...argv], options }).values;
    return { releases: release === undefined ? RELEASES : [release], scenario, help };
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
