import { parseArgs } from "node:util";
import { RELEASES } from "@holdfast/reference-peer";

export const USAGE = `usage: node conformance/src/main.ts [options]
       node conformance/src/main.ts hostile [options]   attacks; see hostile --help
       node conformance/src/main.ts programs [options]  random programs; see programs --help
       node conformance/src/main.ts app-server [options]  our client on real app-servers; see app-server --help
       node conformance/src/main.ts far [options]       a bad line between two hosts; see far --help
       node conformance/src/main.ts upgrade [options]   a newer program under load; see upgrade --help
       node conformance/src/main.ts relay [options]     executors that dial out, through our relay; see relay --help
       node conformance/src/main.ts relay-fuzz [options]  what is wrong somewhere, at both executors; see relay-fuzz --help
       node conformance/src/main.ts cost [options]      what keeps others waiting; see cost --help
       node conformance/src/main.ts app-server-line [options]  the line to real app servers; see app-server-line --help
       node conformance/src/main.ts tui [options]       real terminal user interfaces before a server; see tui --help
       node conformance/src/main.ts threads [options]      threads from one server to another; see threads --help
       node conformance/src/main.ts exec-remote [options]  their exec before a server; see exec-remote --help
       node conformance/src/main.ts sdk [options]       the official SDK on a program; see sdk --help
       node conformance/src/main.ts environments [options]  registries of environments side by side; see environments --help
       node conformance/src/main.ts mcp [options]       MCP servers as releases know them; see mcp --help

  --releases A,B   reference releases to meet (default: ${RELEASES.join(",")})
  --scenario TEXT  only scenarios whose id contains TEXT
  --short          the essential scenarios against 0.144.6 and 0.171.0
  --cross          every CLI release also meets the executors of the other releases
  --reference-only leave our own executor and client out: does the harness itself work?
  --record         record the corpus of accepted messages from the releases instead
  --record-extension  record that of this project's extension from its own executor instead
  --sandbox-table  print what sandboxes let through, next to the release's (default: 0.171.0), instead
  --json           one JSON object on stdout instead of a table

  --growth         memory and file descriptors of our own executor over 20,000 processes and 2,000,000 messages, instead
  --session-ttl S  with --growth: passed to serve
  --soak           cut lines at random while processes run, instead: against our own executor, or --releases
  --cuts N         how many cuts (default: 1000; 60 for a release)
  --processes N    how many processes (default: 200; 24 for a release)
  --seed N         which cuts and processes (default: another one each time; it is printed)
`;

/** The arguments make no sense; the message says which. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What `--soak` was told; what it was not told is undefined. */
export interface SoakChoice {
  /** Undefined: our own executor. */
  readonly releases: readonly string[] | undefined;
  readonly cuts: number | undefined;
  readonly processes: number | undefined;
  readonly seed: number | undefined;
}

export interface Options {
  readonly releases: readonly string[];
  readonly scenario: string;
  readonly short: boolean;
  readonly cross: boolean;
  readonly referenceOnly: boolean;
  readonly record: boolean;
  readonly recordExtension: boolean;
  readonly sandboxTable: boolean;
  readonly json: boolean;
  readonly growth: boolean;
  readonly sessionTtl: number | undefined;
  /** Undefined without `--soak`. */
  readonly soak: SoakChoice | undefined;
  readonly help: boolean;
}

const FLAG = { type: "boolean", default: false } as const;
/** Others differ from it in ways that are not ours. */
const TABLE_RELEASES = "0.171.0";
const SHORT_RELEASES = "0.144.6,0.171.0";

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
        "record-extension": FLAG,
        "sandbox-table": FLAG,
        json: FLAG,
        growth: FLAG,
        "session-ttl": { type: "string" },
        soak: FLAG,
        cuts: { type: "string" },
        processes: { type: "string" },
        seed: { type: "string" },
        help: FLAG,
      },
    });
    const usual = values["sandbox-table"] ? TABLE_RELEASES : values.short ? SHORT_RELEASES : RELEASES.join(",");
    if (values["session-ttl"] !== undefined && !values.growth) throw new UsageError("--session-ttl needs --growth");
    return {
      ...values,
      releases: (values.releases ?? usual).split(","),
      referenceOnly: values["reference-only"],
      recordExtension: values["record-extension"],
      sandboxTable: values["sandbox-table"],
      sessionTtl: wholeNumber("session-ttl", values["session-ttl"], 0),
      soak: soakChoice(values),
    };
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

interface SoakValues {
  readonly soak: boolean;
  readonly releases?: string | undefined;
  readonly cuts?: string | undefined;
  readonly processes?: string | undefined;
  readonly seed?: string | undefined;
}

function soakChoice({ soak, releases, cuts, processes, seed }: SoakValues): SoakChoice | undefined {
  const choice = {
    releases: releases?.split(","),
    cuts: wholeNumber("cuts", cuts, 1),
    processes: wholeNumber("processes", processes, 1),
    seed: wholeNumber("seed", seed, 0),
  };
  if (soak) return choice;
  const stray = (["cuts", "processes", "seed"] as const).find((name) => choice[name] !== undefined);
  if (stray !== undefined) throw new UsageError(`--${stray} needs --soak`);
  return undefined;
}

/** @throws UsageError the text is no number from `least` to `most`. */
export function wholeNumber(name: string, text: string | undefined, least = 0, most = 2 ** 32 - 1): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(`--${name} must be a whole number from ${least} to ${most}, not ${text}`);
}
