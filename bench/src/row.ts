import type { WireClient } from "./wire-client.ts";

/** What a row gets to work with. */
export interface RowContext {
  readonly client: WireClient;
  /** Address of the executor, for rows that need more connections. */
  readonly url: string;
  /** True in a smoke run: prove that it works, with few samples. */
  readonly smoke: boolean;
}

/** One line of the table. */
export interface Row {
  readonly id: string;
  readonly title: string;
  readonly unit: "ms" | "/s" | "done";
  /** The figure that must be reached, in `unit`. */
  readonly target: number;
  readonly better: "lower" | "higher";
  /** One round; the figure of the row is the median of the rounds. */
  measure(context: RowContext): Promise<number>;
}
