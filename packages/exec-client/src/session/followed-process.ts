import type { ReadResult } from "../process/read-result.ts";
import type { IncomingEvent } from "../process/reorder-buffer.ts";

/** What a session keeps in step with its executor: the events of one process. */
export interface FollowedProcess {
  readonly processId: string;
  /** The executor is known to have it. */
  readonly isStarted: boolean;
  /** The last event that was taken in order. */
  readonly lastSeq: number;
  accept(event: IncomingEvent): void;
  /** The line broke. */
  suspend(): void;
  /** The answer to a `process/read` with this `afterSeq`, on a line that is about to be used. */
  catchUp(result: ReadResult, afterSeq: number): void;
  /** The executor would not say what it did meanwhile. */
  notRecovered(cause: unknown): void;
  /** There is a line again. */
  resume(): void;
  /** The line is gone for good. */
  fail(error: unknown): void;
}
