import {
  checkLimits,
  DEFAULT_LIMITS,
  type ExecutorLimits,
  FIXED_LIMITS,
  LIMIT_RANGES,
  type LimitRange,
} from "@holdfast/executor";
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
    if (FIXED_LIMITS.some((fixed) => fixed.name === name)) {
      throw new UsageError(`--limits: ${name} is fixed; serve --limits lists those that can be set first`);
    }
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

type Row = readonly [name: string, value: string, about: string];

/** All limits with the values that an executor would have, as a table: those that can be set, and the fixed ones. */
export function limitTable(limits: Partial<ExecutorLimits>): string {
  const settable = Object.entries({ ...DEFAULT_LIMITS, ...limits }).map(([name, value]) => {
    return rowOf(name, value, LIMIT_RANGES[name as LimitName]);
  });
  const fixed = FIXED_LIMITS.map(({ name, value, ...limit }) => rowOf(name, value, limit));
  const [first, second] = [0, 1].map((column) =>
    Math.max(...[...settable, ...fixed].map((row) => row[column]?.length ?? 0)),
  );
  const shown = (rows: readonly Row[]): string =>
    rows
      .map(([name, value, about]) => `${name.padEnd(first ?? 0)}${GAP}${value.padStart(second ?? 0)}${GAP}${about}\n`)
      .join("");
  return `${shown(settable)}\nFixed, for confined commands:\n${shown(fixed)}`;
}

function rowOf(name: string, value: number, { unit, about }: Pick<LimitRange, "unit" | "about">): Row {
  return [name, value === Number.POSITIVE_INFINITY ? "none" : `${value}${unit === "count" ? "" : ` ${unit}`}`, about];
}

function isLimitName(name: string): name is LimitName {
  return Object.hasOwn(LIMIT_RANGES, name);
}

function readValue(name: LimitName, text: string): number {
  const value = LIMIT_RANGES[name].unit === "bytes" ? byteCount(text) : Number(/^\d+$/.exec(text)?.[0] ?? Number.NaN);
  if (!Number.isNaN(value)) return value;
  throw new UsageError(`--limits: ${name} must be a whole number, not '${text}'`);
}
