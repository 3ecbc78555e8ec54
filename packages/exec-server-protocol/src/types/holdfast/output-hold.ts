import type { EmptyResult } from "../json.ts";

/*
 * An extension of this project: flow control of one process. Without it a client whose reader is slow can only stop reading from
 * the connection, and with it all other processes. Needs the capability `holdfastOutputHold`.
 */

/**
 * Stops or restarts the reading of a process's output. What was read before is still sent; the process waits when its pipe or
 * terminal is full. The hold belongs to the session and outlives a lost connection, so that nothing is lost meanwhile; a
 * connection that resumes the session starts without one. Ends with the process, and when it is terminated.
 */
export interface HoldfastHoldOutputParams {
  processId: string;
  /** True: read no more of its output. False: go on. Said twice it does nothing. */
  held: boolean;
}

export type HoldfastHoldOutputResult = EmptyResult;
