import type { Target } from "./target.ts";
import type { WireClient } from "./wire/client.ts";

/** `x` is a ratio. */
export type Unit = "ms" | "µs" | "/s" | "MiB/s" | "MiB" | "done" | "x";

/** What a round gets to work with. */
export interface RowContext {
  readonly target: Target;
  /** A fresh connection, ended after the round. */
  readonly client: WireClient;
  /** One more connection, ended after the round. */
  connect(url?: string): Promise<WireClient>;
  /** A folder for the files of this run, removed at its end. */
  readonly scratch: string;
  /** An HTTP origin of this run, a process of its own: `GET /bytes/N` answers N bytes. */
  readonly origin: string;
  /** True in a smoke run: prove that it works, with few samples. */
  readonly smoke: boolean;
  /** Say something beside the figure. */
  note(text: string): void;
}

/** What the machine does without any protocol, in the unit of the row: where no executor gets beyond. */
export interface PlainLimit {
  /** What was measured, e.g. `spawn in Node`. */
  readonly what: string;
  measure(context: Pick<RowContext, "scratch" | "origin" | "smoke">): Promise<number>;
}

/** One line of the table. */
export interface Row {
  readonly id: string;
  readonly title: string;
  readonly unit: Unit;
  readonly better: "lower" | "higher";
  /** The figure that must be reached, in `unit`; absent where none was promised. */
  readonly target?: number;
  readonly limit?: PlainLimit;
  /** A new executor for every round, because what a round leaves behind would be measured in the next. */
  readonly fresh?: true;
  /**
   * One round; the figure of the row is the median of the rounds.
   *
   * @throws Unsupported the peer can not do this.
   */
  measure(context: RowContext): Promise<number>;
}

/** A curve: one figure per value of x, each from a new executor. */
export interface Curve {
  readonly id: string;
  readonly title: string;
  readonly unit: Unit;
  readonly better: "lower" | "higher";
  readonly x: string;
  readonly values: readonly number[];
  readonly smokeValues: readonly number[];
  measure(context: RowContext, x: number): Promise<number>;
}

/** The peer can not do what a row asks for; the message is short enough for a table. */
export class Unsupported extends Error {
  override readonly name = "Unsupported";
}
