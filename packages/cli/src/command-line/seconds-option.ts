import type { Arguments } from "./arguments.ts";
import { UsageError } from "./failure.ts";

/**
 * The value of an option in seconds, as milliseconds; undefined when it is absent.
 *
 * @throws UsageError it is no number of seconds in range.
 */
export function secondsOption(args: Pick<Arguments, "text">, name: string, maxSeconds: number): number | undefined {
  const text = args.text(name);
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || seconds > maxSeconds) {
    throw new UsageError(`--${name} must be a number of seconds from 0 to ${maxSeconds}, not '${text}'`);
  }
  return seconds * 1_000;
}
