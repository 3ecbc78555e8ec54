import type { Machine } from "./machine.ts";
import type { Unit } from "./row.ts";

/** What one target showed. */
export interface Figure {
  /** Median of the rounds; absent when the target can not do it or failed. */
  readonly median?: number;
  readonly rounds: readonly number[];
  /** What was said beside the figure in the last round, or why there is none. */
  readonly note?: string;
  /** True when a round went wrong in a way that is no answer: the line was lost, or nothing came in time. */
  readonly failed?: true;
}

interface Described {
  readonly id: string;
  readonly title: string;
  readonly unit: Unit;
  readonly better: "lower" | "higher";
}

export interface RowResult extends Described {
  readonly target?: number;
  readonly limit?: { readonly what: string; readonly value: number };
  readonly figures: Readonly<Record<string, Figure>>;
}

export interface CurveResult extends Described {
  readonly x: string;
  readonly values: readonly number[];
  /** Per target, a figure for each value of x. */
  readonly figures: Readonly<Record<string, readonly Figure[]>>;
}

/** One run, as it lies in `bench/results`. */
export interface Run {
  readonly date: string;
  readonly machine: Machine;
  readonly rounds: number;
  readonly targets: readonly string[];
  readonly rows: readonly RowResult[];
  readonly curves: readonly CurveResult[];
}
