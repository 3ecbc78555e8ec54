import { parseArgs } from "node:util";
import { APP_SERVERS, SHORT_APP_SERVERS } from "../app-server/options.ts";
import { UsageError } from "../options.ts";

export const LINES_USAGE = `usage: node conformance/src/main.ts app-server-line [options]

Our client and real app servers, as far as the connection between them goes: pipes, websockets and unix sockets, tokens, servers that are killed, lines that
are cut, readers that stop, floods, terminals, and what is left of children.

  --release X      one release, or holdfast (default: ${APP_SERVERS.join(", ")})
  --scenario TEXT  only scenarios whose id contains TEXT
  --short          the oldest and the newest release, and holdfast
`;

export interface LineRunOptions {
  readonly releases: readonly string[];
  readonly scenario: string | undefined;
}

/** @throws UsageError */
export function parseLineOptions(argv: readonly string[]): LineRunOptions & { readonly help: boolean } {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  const options = { release: text, scenario: text, short: flag, help: flag } as const;
  try {
    const { release, scenario, short, help } = parseArgs({ args: [...argv], options }).values;
    const chosen = short ? SHORT_APP_SERVERS : APP_SERVERS;
    return { releases: release === undefined ? chosen : [release], scenario, help };
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
