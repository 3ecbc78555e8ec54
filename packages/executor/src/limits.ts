import {
  REMEMBERED_WRITE_IDS,
  RETAINED_OUTPUT_MAX_BYTES,
  RETAINED_OUTPUT_MAX_CHUNKS,
} from "@holdfast/exec-server-protocol";

/** Named bounds of an executor. Every buffer and every table has one. */
export interface ExecutorLimits {
  /** Output bytes kept per process. Default 1,048,576. */
  readonly maxRetainedBytes: number;
  /** Output chunks kept per process. Default 50,000. */
  readonly maxRetainedChunks: number;
  /** Processes known to one session, retained ones counted. Default 65,536. */
  readonly maxProcesses: number;
  /**
   * Comparisons of one character that the patterns of one `envPolicy` may take, over the names of all variables. A start that
   * needs more is refused. Default 2,000,000.
   */
  readonly maxPatternSteps: number;
  /** Variables of one child's environment, those of a policy included. Default 16,384. */
  readonly maxEnvironmentVariables: number;
  /** Writes queued for one child's standard input. Default 2,048. */
  readonly maxQueuedWrites: number;
  /** Bytes of them; a single write may be larger. What finds no room waits, and is not answered before. Default 2,097,152. */
  readonly maxQueuedInputBytes: number;
  /** Bytes of one process that are queued or wait; a write beyond them is refused. A single write may be larger. Default 67,108,864. */
  readonly maxHeldInputBytes: number;
  /** The same for all processes of the executor. The first 65,536 bytes of each do not count. Default 268,435,456. */
  readonly maxAllHeldInputBytes: number;
  /** Writes of one process that wait for a place in that queue; one more is refused. Default 1,024. */
  readonly maxWaitingWrites: number;
  /** Ids of accepted writes remembered per process. Default 4,096. */
  readonly maxRememberedWriteIds: number;
  /** Calls of one connection that wait for news; one more answers the oldest at once. Default 1,024. */
  readonly maxLongPolls: number;
  /** Milliseconds for which a closed process can still be read and its id is taken. Default 120,000. */
  readonly closedRetentionMs: number;
  /**
   * Milliseconds for which a session without a connection can be resumed; then its processes are killed. Each
   * disconnection starts it anew. 0 to 2,147,483,647; default 120,000.
   */
  readonly detachedSessionTtlMs: number;
  /**
   * Sessions without a connection; one more ends the one that has been without for longest, of those that have no processes, or else none
   * that runs, or else of all. Default 1,024.
   */
  readonly maxDetachedSessions: number;
  /** HTTP requests of one connection under way at once; one more is refused. Default 256. */
  readonly maxHttpRequests: number;
  /** Bytes of an HTTP body that is answered whole: its frame must be below what clients take. Default 11,534,336. */
  readonly maxHttpBufferedBytes: number;
  /** Helpers that carry out the confined file requests of one connection; one per sandbox. Default 8. */
  readonly maxFileHelpers: number;
  /** Milliseconds after which such a helper ends when it has nothing to do. Default 2,000. */
  readonly fileHelperIdleMs: number;
  /**
   * Bytes of memory of one confined command with everything that descends from it; where no control group can be made, of each of
   * its processes. From 1,048,576. Default `Infinity`: no limit. Where it can't be kept, confined commands are refused.
   */
  readonly maxCommandMemoryBytes: number;
  /**
   * Processes and threads of one confined command with everything that descends from it. Default `Infinity`: 4,096, as far as the
   * system keeps that. Where a lower one can't be kept, confined commands are refused.
   */
  readonly maxCommandProcesses: number;
}

export const DEFAULT_LIMITS: ExecutorLimits = {
  maxRetainedBytes: RETAINED_OUTPUT_MAX_BYTES,
  maxRetainedChunks: RETAINED_OUTPUT_MAX_CHUNKS,
  maxProcesses: 65_536,
  maxPatternSteps: 2_000_000,
  maxEnvironmentVariables: 16_384,
  // With those that wait, fewer than the ids that are remembered: any of them may be sent again.
  maxQueuedWrites: 2_048,
  // Far more than a pipe holds. What waits for long is old to the garbage collector, which then never ends a bulk.
  maxQueuedInputBytes: 2 * 1_048_576,
  maxHeldInputBytes: 64 * 1_048_576,
  maxAllHeldInputBytes: 256 * 1_048_576,
  maxWaitingWrites: 1_024,
  maxRememberedWriteIds: REMEMBERED_WRITE_IDS,
  maxLongPolls: 1_024,
  // A client may need 80 s and more to find its way back to a finished process.
  closedRetentionMs: 120_000,
  detachedSessionTtlMs: 120_000,
  maxDetachedSessions: 1_024,
  maxHttpRequests: 256,
  maxHttpBufferedBytes: 11 * 1_048_576,
  maxFileHelpers: 8,
  fileHelperIdleMs: 2_000,
  maxCommandMemoryBytes: Number.POSITIVE_INFINITY,
  maxCommandProcesses: Number.POSITIVE_INFINITY,
};
