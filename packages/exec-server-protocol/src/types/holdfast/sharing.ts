import type { EmptyResult } from "../json.ts";
import type { ProcessReadParams, ProcessReadResult, ProcessWriteParams, ProcessWriteResult } from "../process-io.ts";
import type {
  HoldfastListedProcess,
  HoldfastListProcessesParams,
  HoldfastSignalProcessParams,
  HoldfastSignalProcessResult,
  HoldfastTerminalSize,
} from "./process-control.ts";

/*
 * An extension of this project: more than one client at a process. The session stays with the client that has it; others name it by its
 * id, which is a secret, and read along, or take the input for a while. Needs the capability `holdfastSharing`.
 *
 * Any number may read along. A reader is told nothing that it does not ask for, so that one that does not ask holds nobody up; what falls
 * out of what is kept meanwhile is missing in its next answer. Reading restarts the time of a session that no client has.
 */

/** Names a process of another client's session. */
export interface HoldfastSharedProcess {
  /** Id of its session. One that there is not, or no more, is refused. */
  sessionId: string;
}

/** As `process/read`, but that it waits for at most 10 s. */
export interface HoldfastReadSharedParams extends ProcessReadParams, HoldfastSharedProcess {}

export interface HoldfastReadSharedResult extends ProcessReadResult {
  /** Of its terminal now. Absent: it has none. */
  terminal?: HoldfastTerminalSize;
  /** Who types: its own client, the client that asks, or one more. */
  input: HoldfastInputHolder;
}

export type HoldfastInputHolder = "owner" | "self" | "other";

/** As `holdfast/listProcesses`, of another client's session. */
export interface HoldfastListSharedParams extends HoldfastListProcessesParams, HoldfastSharedProcess {}

export interface HoldfastListSharedResult {
  /** In the order in which they were started. */
  processes: HoldfastListedProcess[];
  /** There are more after these: ask again with the last id of these. */
  hasMore: boolean;
  /** Whether a client has the session at the moment. */
  isAttached: boolean;
}

/** As `holdfast/signalProcess`, of another client's session. */
export interface HoldfastSignalSharedParams extends HoldfastSignalProcessParams, HoldfastSharedProcess {}

export type HoldfastSignalSharedResult = HoldfastSignalProcessResult;

/**
 * Takes the input of a process: from now on it comes from this client's session, and the size of its terminal too. What the process's own
 * client writes waits, within the bounds that it has for a process that does not read; its signals go through. It is given back by
 * `holdfast/giveInput`, with the session that took it, and when that was without a connection for 60 s. Said again it does nothing.
 *
 * Refused for a process without input, one that has ended, and one whose input another client took.
 */
export interface HoldfastTakeInputParams extends HoldfastSharedProcess {
  processId: string;
}

export type HoldfastTakeInputResult = EmptyResult;

/**
 * Gives the input back: what waits follows, and the terminal has the size again that its own client gave it. Nothing to do where it was
 * not taken by this client's session.
 */
export interface HoldfastGiveInputParams extends HoldfastSharedProcess {
  processId: string;
}

export type HoldfastGiveInputResult = EmptyResult;

/** As `process/write`, to a process whose input this client's session has taken; refused for others. */
export interface HoldfastWriteSharedParams extends ProcessWriteParams, HoldfastSharedProcess {}

export type HoldfastWriteSharedResult = ProcessWriteResult;

/** As `holdfast/resizeTerminal`, of a process whose input this client's session has taken; refused for others. */
export interface HoldfastResizeSharedParams extends HoldfastTerminalSize, HoldfastSharedProcess {
  processId: string;
}

export type HoldfastResizeSharedResult = EmptyResult;

/**
 * Asks, of a process of one's own session, whether its input was taken by somebody else; answered when that is no longer as it is said
 * here to be, when the process has ended, or after a time.
 */
export interface HoldfastAwaitInputParams {
  processId: string;
  /** What is known. Answered at once when it is otherwise. */
  isTaken: boolean;
  /**
   * Milliseconds to wait for a change, at most 10,000. Absent or null: 0.
   *
   * @format uint64
   */
  waitMs?: number | null;
}

export interface HoldfastAwaitInputResult {
  isTaken: boolean;
}
