import type { Check } from "./checks.ts";
import { InvalidArgumentError } from "./invalid-argument-error.ts";
import { nearestName } from "./nearest-name.ts";
import { shownValue } from "./shown-value.ts";

/** What each option must be. One that is not listed does not exist. */
export type OptionChecks<Options> = { readonly [Name in keyof Required<Options>]: Check };

/**
 * Refuse options that can not be used, before anything is sent: a misspelt one would be ignored without a word.
 *
 * @param of - The call, for the error: `executor.run`.
 * @throws InvalidArgumentError - Names the option.
 */
export function checkOptions<Options extends object>(
  options: Options,
  checks: OptionChecks<Options>,
  of: string,
): void {
  if (typeof options !== "object" || options === null) {
    throw new InvalidArgumentError("options", `the options of ${of} must be an object, not ${shownValue(options)}`);
  }
  const known: Readonly<Record<string, Check>> = checks;
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(known, name)) throw unknownOption(name, Object.keys(known), of);
    known[name]?.(value, name);
  }
}

function unknownOption(name: string, known: readonly string[], of: string): InvalidArgumentError {
  const meant = nearestName(name, known);
  const hint = meant === undefined ? `it takes ${known.join(", ")}` : `did you mean ${meant}?`;
  return new InvalidArgumentError(name, `unknown option ${JSON.stringify(name)} of ${of}; ${hint}`);
}
