import type { Arguments } from "../command-line/arguments.ts";
import type { OptionSpec } from "../command-line/command-spec.ts";
import { secondsOption } from "../command-line/seconds-option.ts";

const DEFAULT_SECONDS = 45;
/** A day. Who waits longer starts the command with --detach. */
const MAX_SECONDS = 86_400;

export const RECOVER_OPTION: OptionSpec = recoverOption(DEFAULT_SECONDS);

/** @param defaultSeconds - What holds without it. */
export function recoverOption(defaultSeconds: number): OptionSpec {
  return {
    kind: "text",
    value: "SECONDS",
    about: `how long to try for a new connection when one is lost; default ${defaultSeconds}, 0 gives up at once`,
  };
}

/**
 * How long to try to get a lost connection back, milliseconds, from `--recover-for`.
 *
 * @throws UsageError it is no number of seconds in range.
 */
export function recoveryTimeMs(args: Pick<Arguments, "text">, defaultSeconds: number = DEFAULT_SECONDS): number {
  return secondsOption(args, "recover-for", MAX_SECONDS) ?? defaultSeconds * 1_000;
}
