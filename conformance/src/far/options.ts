import { parseArgs } from "node:util";
import { UsageError } from "../options.ts";

export const FAR_USAGE = `usage: node conformance/src/main.ts far [options]

Two hosts with a network each and a line between them: a round trip of 80 ms, one packet of a hundred lost. While a command, a terminal and
two copies are under way the line is cut for a minute, and the client's address is another one when it is back. Nothing may be missing.

  --outage SECONDS  how long the line is cut (default: 60)
  --short           cut it for 10 s, and copy less
  --if-possible     where no such hosts can be made (needs root, iproute2, util-linux and /dev/net/tun), say so and be content
`;

export interface FarOptions {
  readonly outageMs: number;
  readonly copyMiB: number;
  readonly ifPossible: boolean;
  readonly help: boolean;
}

const OUTAGE_S = 60;
const SHORT_OUTAGE_S = 10;
const COPY_MIB = 64;
const SHORT_COPY_MIB = 8;
/** More than an executor waits for its client, without being told to. */
const MAX_OUTAGE_S = 3_600;

/** @throws UsageError */
export function parseFarOptions(argv: readonly string[]): FarOptions {
  try {
    const flag = { type: "boolean", default: false } as const;
    const { values } = parseArgs({
      args: [...argv],
      options: { outage: { type: "string" }, short: flag, "if-possible": flag, help: flag },
    });
    return {
      outageMs: 1_000 * (secondsOf(values.outage) ?? (values.short ? SHORT_OUTAGE_S : OUTAGE_S)),
      copyMiB: values.short ? SHORT_COPY_MIB : COPY_MIB,
      ifPossible: values["if-possible"],
      help: values.help,
    };
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,4}$/.test(text) && Number(text) <= MAX_OUTAGE_S) return Number(text);
  throw new UsageError(`--outage must be a whole number of seconds up to ${MAX_OUTAGE_S}, not ${text}`);
}
