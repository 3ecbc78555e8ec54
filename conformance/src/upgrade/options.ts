import { parseArgs } from "node:util";
import { UsageError, wholeNumber } from "../options.ts";

export const UPGRADE_USAGE = `usage: node conformance/src/main.ts upgrade [options]

Replaces our own executor by another start of its program again and again while processes of every kind print into pipes and
terminals, confined ones among them, and others echo what is written to them. What each printed must have come over whole.

  --times N      replacements, one after the other (default: 50)
  --processes N  processes that run meanwhile (default: 200)
  --releases A,B under a command of a real Codex CLI of each of these releases instead
`;

export interface UpgradeOptions {
  readonly times: number;
  readonly processes: number;
  /** Orchestrators that drive the executor instead. */
  readonly releases: readonly string[];
}

const DEFAULTS: UpgradeOptions = { times: 50, processes: 200, releases: [] };

/** @throws UsageError */
export function parseUpgradeOptions(argv: readonly string[]): UpgradeOptions & { readonly help: boolean } {
  const { values } = parsed(argv);
  return {
    times: wholeNumber("times", values.times) ?? DEFAULTS.times,
    processes: wholeNumber("processes", values.processes) ?? DEFAULTS.processes,
    releases: values.releases?.split(",") ?? DEFAULTS.releases,
    help: values.help,
  };
}

function parsed(argv: readonly string[]) {
  const value = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...argv],
      options: { times: value, processes: value, releases: value, help: { type: "boolean", default: false } },
    });
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
