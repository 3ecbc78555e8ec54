import type { EmptyResult } from "./json.ts";

/** Where output came from. A process on a terminal has only `pty`. */
export type ProcessOutputStream = "stdout" | "stderr" | "pty";

/** Asks for output that is still kept, and for the state of a process. */
export interface ProcessReadParams {
  processId: string;
  /**
   * Only chunks with a greater number. Absent or null: 0.
   *
   * @format uint64
   */
  afterSeq?: number | null;
  /**
   * Stop after this many raw bytes, but give at least one chunk. Absent or null: no bound.
   *
   * @format uint64
   */
  maxBytes?: number | null;
  /**
   * Milliseconds to wait while there is nothing new. Absent or null: 0.
   *
   * @format uint64
   */
  waitMs?: number | null;
}

/** The state of a process now; `chunks` may end earlier than that. */
export interface ProcessReadResult {
  /** Ascending by number. A gap after `afterSeq` says that older output was dropped. */
  chunks: ProcessOutputChunk[];
  /**
   * `afterSeq` of the next read is this minus one.
   *
   * @format uint64
   */
  nextSeq: number;
  /** The process itself has ended. */
  exited: boolean;
  /**
   * Null while it runs. A signal is 128 plus its number.
   *
   * @format int32
   */
  exitCode?: number | null;
  /** It has ended and so has its output: nothing follows. */
  closed: boolean;
  /** Always null on the wire; clients put their own reason here. */
  failure?: string | null;
  /** The sandbox probably refused it something. Absent: false. */
  sandboxDenied?: boolean;
}

/** A piece of output. */
export interface ProcessOutputChunk {
  /**
   * Number in the one count of the process's events, from 1.
   *
   * @format uint64
   */
  seq: number;
  stream: ProcessOutputStream;
  /**
   * Raw bytes in base64.
   *
   * @contentEncoding base64
   */
  chunk: string;
}

/** Gives bytes to standard input. */
export interface ProcessWriteParams {
  processId: string;
  /**
   * Raw bytes in base64; may be none.
   *
   * @contentEncoding base64
   */
  chunk: string;
  /** Not empty. A write whose id was accepted before is answered `accepted` and not written again. */
  writeId: string;
}

export interface ProcessWriteResult {
  status: ProcessWriteStatus;
}

/** What became of a write. `accepted` says queued, not read by the process. */
export type ProcessWriteStatus = "accepted" | "unknownProcess" | "stdinClosed" | "starting";

/** Sends a signal to the process group. A process that is not there is no error. */
export interface ProcessSignalParams {
  processId: string;
  signal: ProcessSignal;
}

/** `interrupt` is SIGINT. */
export type ProcessSignal = "interrupt";

export type ProcessSignalResult = EmptyResult;

/** Kills the process group at once. */
export interface ProcessTerminateParams {
  processId: string;
  /**
   * Also when it has exited: end what it left running, and with it the output that this holds open. A member of this
   * project's own: the reference peer does not look at it and leaves alone what outlives its leader. Default false.
   */
  includeDescendants?: boolean;
}

export interface ProcessTerminateResult {
  /** It was alive and will die. False: unknown, or ended already. */
  running: boolean;
}
