import { UsageError } from "../command-line/failure.ts";

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
/** Ten years: more is meant to be never, and is said by leaving the option out. */
const MAX_MS = 3_653 * 86_400_000;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/;

/**
 * Read `--expires`, as Unix milliseconds.
 *
 * @throws UsageError it is no time, or none of the next ten years.
 */
export function expiryOf(text: string, now: number): number {
  const [, count, unit = ""] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const time =
    count === undefined
      ? TIME.test(text)
        ? Date.parse(text)
        : Number.NaN
      : now + Number(count) * (UNIT_MS[unit] ?? 0);
  if (Number.isNaN(time)) {
    throw new UsageError(`--expires must be like 30m, 12h or 90d, or a time like 2030-01-31T12:00:00Z, not '${text}'`);
  }
  if (time <= now) throw new UsageError(`--expires ${text} is over already`);
  if (time > now + MAX_MS)
    throw new UsageError(`--expires ${text} is more than ten years away; leave it out for never`);
  return time;
}
