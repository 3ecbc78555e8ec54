import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { UsageError, wholeNumber } from "../../options.ts";

export const RELAY_FUZZ_USAGE = `usage: node conformance/src/main.ts relay-fuzz [options]

Handshakes, records and frames that are wrong somewhere, sent to a release's executor and to ours: both must make the same of each.

  --cases N      how many (default: 5000; 300 with --short)
  --seed N       which ones (default: others each time; it is printed)
  --first N      leave out those before this one: with --cases 1, one is played again (default: 0)
  --release R    whose executor (default: 0.171.0)
  --other R      another release in place of ours: does the comparison itself hold?
  --side N       how many pairs of executors at a time (default: 3)
  --short        fewer cases, of seed 1
`;

export interface RelayFuzzOptions {
  readonly cases: number;
  readonly seed: number;
  readonly first: number;
  readonly release: string;
  /** Undefined for ours. */
  readonly other: string | undefined;
  readonly side: number;
}

const CASES = 5_000;
const SHORT_CASES = 300;
const SHORT_SEED = 1;
const SIDE = 3;
const NEWEST_RELEASE = "0.171.0";

/** @throws UsageError */
export function parseRelayFuzzOptions(argv: readonly string[]): RelayFuzzOptions & { readonly help: boolean } {
  try {
    const value = { type: "string" } as const;
    const flag = { type: "boolean", default: false } as const;
    const { values } = parseArgs({
      args: [...argv],
      options: {
        cases: value,
        seed: value,
        first: value,
        release: value,
        other: value,
        side: value,
        short: flag,
        help: flag,
      },
    });
    return {
      cases: wholeNumber("cases", values.cases, 1) ?? (values.short ? SHORT_CASES : CASES),
      seed: wholeNumber("seed", values.seed, 0) ?? (values.short ? SHORT_SEED : randomInt(2 ** 31)),
      first: wholeNumber("first", values.first, 0) ?? 0,
      release: values.release ?? NEWEST_RELEASE,
      other: values.other,
      side: wholeNumber("side", values.side, 1) ?? SIDE,
      help: values.help,
    };
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
