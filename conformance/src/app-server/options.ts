import { parseArgs } from "node:util";
import { UsageError } from "../options.ts";
import { OURS } from "./server-release.ts";

/** Releases whose app-server the client promises to work with, oldest first. */
export const APP_SERVER_RELEASES = ["0.144.6", "0.169.0", "0.171.0"] as const;

/** What the suites of the client run against: those, and the server of this project. */
export const APP_SERVERS: readonly string[] = [...APP_SERVER_RELEASES, OURS];

/** Of them, those of a short run. */
export const SHORT_APP_SERVERS: readonly string[] = [APP_SERVER_RELEASES[0], APP_SERVER_RELEASES[2], OURS];

export const APP_SERVER_USAGE = `usage: node conformance/src/main.ts app-server [options]

Our typed client on real app-servers with a scripted model: threads, turns, approvals, commands, files and MCP servers. Each message of
these runs is checked strictly, in both directions. Then every method that needs no account and no other machine is called once, and what
the release did is compared with conformance/app-server-methods.md.

  --release X      one release, or ${OURS} (default: ${APP_SERVERS.join(", ")})
  --scenario TEXT  only scenarios whose id contains TEXT, and no methods
  --short          the oldest and the newest release, and ${OURS}
  --write          write conformance/app-server-methods.md anew, for the releases that are run
`;

export interface AppServerRunOptions {
  readonly releases: readonly string[];
  readonly scenario: string | undefined;
  readonly write: boolean;
}

/** @throws UsageError */
export function parseAppServerOptions(argv: readonly string[]): AppServerRunOptions & { readonly help: boolean } {
  const values = parsed(argv);
  if (values.release !== undefined && values.short)
    throw new UsageError("--short chooses its releases: leave --release out");
  if (values.write && values.scenario !== undefined)
    throw new UsageError("--write needs all scenarios: leave --scenario out");
  return {
    releases: values.release === undefined ? (values.short ? SHORT_APP_SERVERS : APP_SERVERS) : [values.release],
    scenario: values.scenario,
    write: values.write,
    help: values.help,
  };
}

function parsed(argv: readonly string[]) {
  const flag = { type: "boolean", default: false } as const;
  const text = { type: "string" } as const;
  try {
    const options = { release: text, scenario: text, short: flag, write: flag, help: flag };
    return parseArgs({ args: [...argv], options }).values;
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
