import { checkLimits, DEFAULT_LIMITS, type ExecutorLimits, LIMIT_RANGES } from "@holdfast/executor";
import { reasonOf, UsageError } from "../command-line/failure.ts";
import { byteCount } from "./byte-count.ts";

type LimitName = keyof ExecutorLimits;

const GAP = "  ";

/**
 * Read `NAME=VALUE,…`. Bytes may have K, M or G behind them.
 *
 * @throws UsageError with the first that is no limit, or out of its range.
 */
export function limitOptions(text: string): Partial<ExecutorLimits> {
  const limits: Partial<Record<LimitName, number>> = {};
  for (const setting of text.split(",")) {
    const [, name = "", value = ""] = /^([A-Za-z]+)=(.*)$/.exec(setting) ?? [];
    if (!isLimitName(name)) {
      throw new UsageError(`--limits must be NAME=VALUE,…, not '${setting}'; serve --limits lists the names`);
    }
    limits[name] = readValue(name, value);
  }
  try {
    checkLimits(limits);
  } catch (error) {
    throw new UsageError(`--limits: ${reasonOf(error)}`, { cause: error });
  }
  return limits;
}

/** All limits with the values that an executor would have, as a table. */
export function limitTable(limits: Partial<ExecutorLimits>): string {
  const rows = Object.entries({ ...DEFAULT_LIMITS, ...limits }).map(([name, value]): [string, string, string] => {
    const { unit, about } = LIMIT_RANGES[name as LimitName];
    return [name, value === Number.POSITIVE_INFINITY ? "none" : `${value}${unit === "count" ? "" : ` ${unit}`}`, about];
  });
  const [first, second] = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(([name, value, about]) => `${name.padEnd(first ?? 0)}${GAP}${value.padStart(second ?? 0)}${GAP}${about}\n`)
    .join("");
}

function isLimitName(name: string): name is LimitName {
  return Object.hasOwn(LIMIT_RANGES, name);
}

function readValue(name: LimitName, text: string): number {
  const value = LIMIT_RANGES[name].unit === "bytes" ? byteCount(text) : Number(/^\d+$/.exec(text)?.[0] ?? Number.NaN);
  if (!Number.isNaN(value)) return value;
  throw new UsageError(`--limits: ${name} must be a whole number, not '${text}'`);
}
