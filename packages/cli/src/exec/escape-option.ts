import type { Arguments } from "../command-line/arguments.ts";
import type { OptionSpec } from "../command-line/command-spec.ts";
import { UsageError } from "../command-line/failure.ts";

const DEFAULT_ESCAPE = "~";
const NONE = "none";

export const ESCAPE_OPTION: OptionSpec = {
  kind: "text",
  value: "CHAR",
  about: `with a terminal: what begins an escape at the start of a line, or ${NONE}; default ${DEFAULT_ESCAPE}`,
};

/**
 * The character that begins an escape; undefined: none does.
 *
 * @throws UsageError it is no single character that can be typed.
 */
export function escapeCharacter(args: Pick<Arguments, "text">): string | undefined {
  const text = args.text("escape") ?? DEFAULT_ESCAPE;
  if (text === NONE) return undefined;
  if (!/^[!-~]$/.test(text)) throw new UsageError(`--escape must be one ASCII character, or ${NONE}, not '${text}'`);
  return text;
}
