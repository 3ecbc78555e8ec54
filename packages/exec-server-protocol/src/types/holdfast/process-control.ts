import type { PathUri } from "@holdfast/path-uri";
import type { EmptyResult } from "../json.ts";
import type { ProcessWriteStatus } from "../process-io.ts";

/*
 * An extension of this project: what a process on the same machine would have besides. Its standard input ends, it takes any
 * signal, its terminal has a size, it has a pid, it may run as another user, and one can ask which there are. Needs the
 * capability `holdfastProcessControl`.
 */

/**
 * The member `holdfast` of `process/start`. Present, also without members of its own, it asks for the member `holdfast` of the
 * result.
 */
export interface HoldfastStartParams {
  /** Size of the terminal at the start. Refused without `tty`. Absent: 24 rows and 80 columns. */
  terminal?: HoldfastTerminalSize;
  /**
   * Whom it runs as: a name, or a user id in digits, of the executor's machine. It gets that user's ids and all groups, and is
   * started only when every one of them is set. `HOME`, `USER`, `LOGNAME` and `SHELL` are that user's unless `env` or
   * `envPolicy.set` has them. `cwd` and the program must be open to that user. Refused with `sandbox`, for a user that is not
   * known, and for any other than the executor's own unless the executor is the superuser. Absent: the executor's own.
   */
  user?: string;
  /**
   * Milliseconds that it may live while no client is connected to its session: then it is killed, with all that descends from it. Time in which the
   * executor is replaced does not count. Absent: as long as the session. Needs the capability `holdfastProcessEnding`.
   *
   * @format uint32
   */
  maxDetachedMs?: number;
}

/** The member `holdfast` of the result of `process/start`: there when the params have one. */
export interface HoldfastStartResult {
  /**
   * Id that the executor's machine knows it by, which for a confined process is not the id that it sees itself. Absent: a confined
   * process ended before the id was known.
   *
   * @format uint32
   */
  pid?: number;
}

/** Size of a terminal in characters. */
export interface HoldfastTerminalSize {
  /**
   * 1 to 65,535.
   *
   * @format uint16
   */
  rows: number;
  /**
   * 1 to 65,535.
   *
   * @format uint16
   */
  columns: number;
}

/**
 * Ends the standard input of a process after every write that was asked for before. Writes that come later are answered
 * `stdinClosed`. May be repeated: it then does nothing twice.
 *
 * A terminal has no end of its own. There its end-of-file character is written, ctrl-D unless the process chose another one, and
 * once more where that only ends an unfinished line. A process that has switched to reading single characters reads it as one.
 */
export interface HoldfastCloseStdinParams {
  processId: string;
}

export interface HoldfastCloseStdinResult {
  /** `accepted`: there is an end, though bytes before it may still wait. `stdinClosed`: the process never had a standard input. */
  status: ProcessWriteStatus;
}

/**
 * Sends a signal to the process group; of a confined process to what runs inside, not to what confines it. One that keeps
 * children after it ended is not signalled: `process/terminate` with `includeDescendants` ends those.
 */
export interface HoldfastSignalProcessParams {
  processId: string;
  signal: HoldfastSignal;
}

/** Names of signals that Linux and macOS have. The executor knows their numbers. */
export type HoldfastSignal =
  | "SIGHUP"
  | "SIGINT"
  | "SIGQUIT"
  | "SIGILL"
  | "SIGTRAP"
  | "SIGABRT"
  | "SIGBUS"
  | "SIGFPE"
  | "SIGKILL"
  | "SIGUSR1"
  | "SIGSEGV"
  | "SIGUSR2"
  | "SIGPIPE"
  | "SIGALRM"
  | "SIGTERM"
  | "SIGCHLD"
  | "SIGCONT"
  | "SIGSTOP"
  | "SIGTSTP"
  | "SIGTTIN"
  | "SIGTTOU"
  | "SIGURG"
  | "SIGXCPU"
  | "SIGXFSZ"
  | "SIGVTALRM"
  | "SIGPROF"
  | "SIGWINCH"
  | "SIGIO"
  | "SIGSYS";

export interface HoldfastSignalProcessResult {
  /** It was sent to a process that had not ended. False: unknown, ended already, or out of reach of the executor's user. */
  delivered: boolean;
}

/**
 * Gives the terminal of a process another size, of which the process is told by `SIGWINCH`. Refused for a process without a
 * terminal. One that has ended is no error.
 */
export interface HoldfastResizeTerminalParams extends HoldfastTerminalSize {
  processId: string;
}

export type HoldfastResizeTerminalResult = EmptyResult;

/** Asks for the processes that the session knows: those that run, and those that ended and can still be read. */
export interface HoldfastListProcessesParams {
  /**
   * At most this many, 1 to 4,096. Absent or null: 4,096.
   *
   * @format uint32
   */
  limit?: number | null;
  /** Only those that were started after the process with this id. Absent or null: from the first. Unknown: refused. */
  afterProcessId?: string | null;
}

export interface HoldfastListProcessesResult {
  /** In the order in which they were started. */
  processes: HoldfastListedProcess[];
  /** There are more after these: ask again with the last id of these. */
  hasMore: boolean;
}

/** One process of the session. */
export interface HoldfastListedProcess {
  processId: string;
  /**
   * Id that the executor's machine knows it by. Absent when it has ended, and while a confined one is being confined.
   *
   * @format uint32
   */
  pid?: number;
  /** The program and as many of its arguments as 1,024 characters hold, the last of them cut there. Of a connection its host and port, or the path of its socket. */
  argv: string[];
  /** Whether `argv` is only the beginning. */
  isArgvCut: boolean;
  /** Its working folder at the start. Absent: it is a connection, see `holdfast/openConnection`. */
  cwd?: PathUri;
  /** Whether it runs on a terminal. */
  isTerminal: boolean;
  /**
   * Milliseconds since 1970-01-01 by the clock of the executor's machine.
   *
   * @format uint64
   */
  startedAtMs: number;
  /**
   * A signal is 128 plus its number. Null: it has not ended.
   *
   * @format int32
   */
  exitCode: number | null;
  /** Whether its output ended as well. */
  isClosed: boolean;
}
