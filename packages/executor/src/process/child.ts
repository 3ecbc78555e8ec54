import type { PlannedDescriptor } from "@holdfast/sandbox";
import type { OutgoingBytes } from "../platform/handed-bytes.ts";
import type { InheritedDescriptor } from "../platform/posix-spawn.ts";
import type { HandedChild } from "./handed-child.ts";
import type { OutputStream } from "./output-chunk.ts";

/** What to start, in native terms. */
export interface SpawnRequest {
  /** At least one entry; `argv[0]` names the program. */
  readonly argv: readonly string[];
  /** What the program sees as its own `argv[0]`; the program's name when absent. */
  readonly arg0: string | undefined;
  /** Absolute native path, as bytes: names need not be UTF-8. */
  readonly cwd: Buffer;
  /** The whole environment of the child. */
  readonly env: Readonly<Record<string, string>>;
  /** What the child inherits beyond its standard streams. */
  readonly descriptors?: readonly PlannedDescriptor[] | undefined;
  /** Descriptors of the starter's that the child gets copies of, by the numbers that they have there. */
  readonly handed?: readonly InheritedDescriptor[] | undefined;
  /** `wrapped`: the program confines another one, which is the one that signals are meant for. Default `plain`. */
  readonly shape?: "plain" | "wrapped" | undefined;
  /** Whose its streams are, so that it can open them again by name. Absent: this user's. */
  readonly streamOwner?: { readonly uid: number; readonly gid: number } | undefined;
  /** Marks what descends from it, see `guardian`; unmarked by a number when absent. */
  readonly serial?: number | undefined;
}

/** What a child tells its owner. `exited` comes once, `ended` once, in either order; nothing follows both. */
export interface ChildEvents {
  output(stream: OutputStream, data: Buffer): void;
  /** The leader was reaped and what it had written before was reported. `128 + n` for signal `n`. */
  exited(exitCode: number): void;
  /** Every output stream has ended. */
  ended(): void;
  /** The child no longer reads its input. */
  inputBroken(): void;
}

/** A running child with its streams: behind pipes or behind a terminal. */
export interface Child {
  /** Operating system id, also that of its process group and session. */
  readonly pid: number;
  /** Id of the program itself, which a confining one starts a moment later: undefined until then, and when it is gone. */
  readonly commandPid: number | undefined;
  /** Queue bytes for standard input; `written` when the child's end has taken them or the stream is gone. */
  write(data: Buffer, written: () => void): void;
  /** Everything is written: end the standard input, as far as it has an end. */
  endInput(): void;
  /** Stop reading output: the child blocks once its pipes are full. */
  pauseOutput(): void;
  resumeOutput(): void;
  /** To the whole group while its leader has not ended. @returns whether there was anyone to take it. */
  signal(signal: NodeJS.Signals): boolean;
  /** SIGKILL to the whole group. */
  kill(): void;
  /** Read what is there now, then close the output streams even if someone else still holds them. */
  abandonOutput(): void;
  /** Only behind a terminal. */
  resizeTerminal?(size: TerminalSize): void;
  /**
   * What the next program in this very process needs to go on with it, in a turn in which nothing else happens. Output that was read and
   * not told yet is told before this returns.
   */
  handOver(bytes: OutgoingBytes): HandedChild;
}

/** In characters. */
export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

/** Why a child could not be started, as far as it makes a difference to the caller. */
export interface SpawnFaultOptions {
  /** Default `failed`: anything else. */
  readonly reason?: SpawnFaultReason | undefined;
  /** What is missing or may not be used: the program, or the working folder. Absent: that is not known. */
  readonly subject?: SpawnFaultSubject | undefined;
  /** Errno name, where the system or this program says one. */
  readonly code?: string | undefined;
  /** As `subject`, also for what `reason` has no word for, and with the interpreter told from the program. */
  readonly culprit?: SpawnFaultCulprit | undefined;
  readonly cause?: unknown;
}

export type SpawnFaultReason = "not-found" | "permission-denied" | "failed";
export type SpawnFaultSubject = "program" | "working-folder";
/** `interpreter`: the program is there, and what its first line names to run it is not. */
export type SpawnFaultCulprit = SpawnFaultSubject | "interpreter";

/** The child could not be started: the operating system's words, e.g. `No such file or directory (os error 2)`. */
export class SpawnFault extends Error {
  override readonly name = "SpawnFault";
  readonly reason: SpawnFaultReason;
  readonly subject: SpawnFaultSubject | undefined;
  readonly code: string | undefined;
  readonly culprit: SpawnFaultCulprit | undefined;

  constructor(message: string, { reason = "failed", subject, code, culprit, cause }: SpawnFaultOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.reason = reason;
    this.subject = subject;
    this.code = code;
    this.culprit = culprit;
  }
}
