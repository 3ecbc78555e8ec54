import { DEFAULT_LIMITS, type ExecutorLimits } from "./limits.ts";

/** What a limit may be set to, and what it bounds. */
export interface LimitRange {
  readonly min: number;
  readonly max: number;
  readonly unit: "bytes" | "ms" | "count";
  /** Whether it may also be `Infinity`, for no limit. Default false. */
  readonly canBeNone?: boolean | undefined;
  /** For people. */
  readonly about: string;
}

/** The longest delay that a timer takes. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** With less no program can be started. */
const MIN_COMMAND_MEMORY_BYTES = 1_048_576;
/** Of Linux. */
const MAX_PIDS = 2 ** 22;

function count(about: string): LimitRange {
  return { min: 1, max: 2 ** 31 - 1, unit: "count", about };
}

function bytes(about: string): LimitRange {
  return { min: 1, max: 2 ** 40, unit: "bytes", about };
}

function delay(about: string): LimitRange {
  return { min: 0, max: MAX_DELAY_MS, unit: "ms", about };
}

/** The range of every limit of an executor. */
export const LIMIT_RANGES: Readonly<Record<keyof ExecutorLimits, LimitRange>> = {
  maxRetainedBytes: bytes("output kept in memory, per process"),
  maxRetainedChunks: count("pieces of output kept in memory, per process"),
  maxProcesses: count("processes known to one session, finished ones included"),
  maxPatternSteps: count("comparisons of characters for the patterns of one envPolicy"),
  maxEnvironmentVariables: count("variables of one process"),
  maxQueuedWrites: count("writes queued for the stdin of one process"),
  maxQueuedInputBytes: bytes("bytes queued for the stdin of one process"),
  maxHeldInputBytes: bytes("bytes queued or waiting for the stdin of one process"),
  maxAllHeldInputBytes: bytes("bytes queued or waiting for the stdins of all processes"),
  maxWaitingWrites: count("writes of one process that wait for a place in that queue"),
  maxRememberedWriteIds: count("ids of accepted writes remembered, per process"),
  maxLongPolls: count("calls of one connection that wait for news"),
  closedRetentionMs: delay("how long a finished process can be read"),
  detachedSessionTtlMs: delay("how long a session waits for its client (--session-ttl)"),
  maxDetachedSessions: count("sessions without a connection"),
  maxHttpRequests: count("HTTP requests of one connection under way at once"),
  maxHttpBufferedBytes: bytes("body of an HTTP answer that is not streamed"),
  maxFileHelpers: count("helpers for confined file requests, per connection"),
  fileHelperIdleMs: delay("how long such a helper waits for work"),
  maxCommandMemoryBytes: {
    ...bytes("memory of one confined command with its descendants (--command-memory)"),
    min: MIN_COMMAND_MEMORY_BYTES,
    max: 2 ** 50,
    canBeNone: true,
  },
  maxCommandProcesses: {
    ...count("processes and threads of one confined command with its descendants (--command-processes)"),
    max: MAX_PIDS,
    canBeNone: true,
  },
};

/** @throws RangeError that names the first limit that is none, or is out of its range. */
export function checkLimits(limits: Readonly<Record<string, number | undefined>>): void {
  for (const [name, value] of Object.entries(limits)) {
    const range = Object.hasOwn(LIMIT_RANGES, name) ? LIMIT_RANGES[name as keyof ExecutorLimits] : undefined;
    if (range === undefined) throw new RangeError(`there is no limit ${name}`);
    if (value === undefined || (value >= range.min && value <= range.max)) continue;
    if (range.canBeNone === true && value === Number.POSITIVE_INFINITY) continue;
    throw new RangeError(`${name} must be from ${range.min} to ${range.max}, not ${value}`);
  }
}

/** The limits with their defaults. @throws RangeError when one is out of its range. */
export function checkedLimits(limits: Partial<ExecutorLimits> = {}): ExecutorLimits {
  checkLimits(limits);
  const given = Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
  return { ...DEFAULT_LIMITS, ...given };
}
