import type { Arguments } from "../command-line/arguments.ts";
import type { OptionSpec } from "../command-line/command-spec.ts";
import { UsageError } from "../command-line/failure.ts";

const DEFAULT_SECONDS = 45;
/** A day. Who waits longer starts the command with --detach. */
const MAX_SECONDS = 86_400;

export const RECOVER_OPTION: OptionSpec = {
  kind: "text",
  value: "SECONDS",
  about: `how long to try for a new connection when one is lost; default ${DEFAULT_SECONDS}, 0 gives up at once`,
};

/**
 * How long to try to get a lost connection back, milliseconds, from `--recover-for`.
 *
 * @throws UsageError it is no number of seconds in range.
 */
export function recoveryTimeMs(args: Arguments): number {
  const text = args.text("recover-for");
  if (text === undefined) return DEFAULT_SECONDS * 1_000;
  const seconds = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || seconds > MAX_SECONDS) {
    throw new UsageError(`--recover-for must be a number of seconds from 0 to ${MAX_SECONDS}, not '${text}'`);
  }
  return seconds * 1_000;
}
