import type { ProcessOutputStream } from "./process-io.ts";

/** A process wrote something. Notices of one process may overtake each other: order them by `seq`. */
export interface ProcessOutputNotice {
  processId: string;
  /**
   * Number in the one count of the process's events, from 1, without gaps.
   *
   * @format uint64
   */
  seq: number;
  stream: ProcessOutputStream;
  /**
   * Raw bytes in base64, cut anywhere.
   *
   * @contentEncoding base64
   */
  chunk: string;
}

/** The process itself ended. Output may still follow. */
export interface ProcessExitedNotice {
  processId: string;
  /** @format uint64 */
  seq: number;
  /**
   * A signal is 128 plus its number.
   *
   * @format int32
   */
  exitCode: number;
  /** The sandbox probably refused it something. Since 0.144; absent: ask `process/read`. */
  sandboxDenied?: boolean;
}

/** The process and its output ended: the last event of the process. */
export interface ProcessClosedNotice {
  processId: string;
  /** @format uint64 */
  seq: number;
}
