import type { ThreadItem, TurnStartParams, UserInput } from "../gen/types.gen.ts";
import type { Approve } from "./approval.ts";
import type { RunEvent } from "./run-event.ts";
import type { RunResult } from "./run-result.ts";

/** What the user says: text, or parts of the wire's kinds, such as images and skills. */
export type RunInput = string | readonly UserInput[];

/** Options of one run, and what `turn/start` takes: what it changes of the thread stays changed. */
export interface RunOptions extends Omit<TurnStartParams, "threadId" | "input"> {
  /** Interrupts the turn; the run ends with `RunError` `aborted`. `AbortSignal.timeout()` bounds how long a turn may take. */
  readonly signal?: AbortSignal | undefined;
  /** Decides about the approvals of this turn. Default: that of the thread. */
  readonly approve?: Approve | undefined;
}

/**
 * A turn that was started. Read it once: item by item, as they are completed, or event by event. What nobody reads is kept within a
 * bound, and the result is there either way. Leaving the loop before its end interrupts the turn.
 */
export interface Run extends AsyncIterable<ThreadItem>, AsyncDisposable {
  /** The id of the turn, once the server has named it. @throws what `turn/start` was refused with, or {@link RunError}. */
  readonly turnId: Promise<string>;
  /** Every notification about the turn, deltas included, in order. The iteration throws what {@link Run.result} throws. */
  events(): AsyncIterableIterator<RunEvent>;
  /**
   * What came of it, at its end.
   *
   * @throws RunError there is no result. What `turn/start` was refused with: a `RemoteError`, or the error of the link.
   */
  result(): Promise<RunResult>;
  /** Say more while it runs: the agent sees it with its next step. @throws RemoteError the turn is over. */
  steer(input: RunInput): Promise<void>;
  /** Interrupt the turn and wait until it is. Its result has the status `interrupted`. Does nothing when it is over. */
  interrupt(): Promise<void>;
  /** As {@link Run.interrupt}. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Input as the wire has it. */
export function inputParts(input: RunInput): UserInput[] {
  return typeof input === "string" ? [{ type: "text", text: input, text_elements: [] }] : [...input];
}
