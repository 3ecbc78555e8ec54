import { parseArgs } from "node:util";
import { RELEASES } from "@holdfast/reference-peer";

export const USAGE = `usage: node conformance/src/main.ts [options]

  --releases A,B   reference releases to meet (default: ${RELEASES.join(",")})
  --scenario TEXT  only scenarios whose id contains TEXT
  --short          the essential scenarios against 0.144.6 and 0.169.0
  --cross          every CLI release also meets the executors of the other releases
  --reference-only leave our own executor and client out: does the harness itself work?
  --record         record the corpus of accepted messages from the releases instead
  --sandbox-table  print what sandboxes let through, next to the release's (default: 0.169.0), instead
  --json           one JSON object on stdout instead of a table
`;

/** The arguments make no sense; the message says which. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export interface Options {
  readonly releases: readonly string[];
  readonly scenario: string;
  readonly short: boolean;
  readonly cross: boolean;
  readonly referenceOnly: boolean;
  readonly record: boolean;
  readonly sandboxTable: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

const FLAG = { type: "boolean", default: false } as const;
/** Others differ from it in ways that are not ours. */
const TABLE_RELEASES = "0.169.0";
const SHORT_RELEASES = "0.144.6,0.169.0";

export function parseOptions(argv: readonly string[]): Options {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        releases: { type: "string" },
        scenario: { type: "string", default: "" },
        short: FLAG,
        cross: FLAG,
        "reference-only": FLAG,
        record: FLAG,
        "sandbox-table": FLAG,
        json: FLAG,
        help: FLAG,
      },
    });
    const usual = values["sandbox-table"] ? TABLE_RELEASES : values.short ? SHORT_RELEASES : RELEASES.join(",");
    const releases = (values.releases ?? usual).split(",");
    return { ...values, releases, referenceOnly: values["reference-only"], sandboxTable: values["sandbox-table"] };
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
