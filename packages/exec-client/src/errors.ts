import { ERROR_CODES } from "@holdfast/exec-server-protocol";
import { isRemoteError } from "@holdfast/rpc";
import { isFileError } from "./errors/file-error.ts";
import { isStartError } from "./errors/start-error.ts";

export { InvalidArgumentError } from "@holdfast/rpc/client";

/** A process did not get its input. */
export class ProcessInputError extends Error {
  override readonly name = "ProcessInputError";
  /**
   * `stdinClosed`: started without a terminal and without a pipe, or closed since. `unknownProcess`: the executor has forgotten it.
   * `starting`: it is not ready for input. `exited`: it ended, or closed its stdin, before it took the input. `sourceFailed`: what its input is read from failed, with the `cause`.
   */
  readonly code: "stdinClosed" | "unknownProcess" | "starting" | "exited" | "sourceFailed";
  readonly processId: string;

  constructor(code: ProcessInputError["code"], processId: string, options: { readonly cause?: unknown } = {}) {
    const { cause } = options;
    const why = cause instanceof Error ? cause.message : String(cause);
    const failed = `the input of process ${processId} could not be read: ${why}`;
    super(code === "sourceFailed" ? failed : `process ${processId} takes no input: ${code}`, options);
    this.code = code;
    this.processId = processId;
  }
}

/**
 * Events are missing and neither this client nor the executor has them any more.
 *
 * Raised for one subscriber that fell too far behind (go on with `events({ afterSeq: error.toSeq })`), or for all of
 * them when the executor never delivered an event and can not repeat it.
 */
export class OutputGapError extends Error {
  override readonly name = "OutputGapError";
  readonly code = "output-gap";
  readonly processId: string;
  /** First and last missing sequence number. */
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly missingEvents: number;
  /** Bytes of output in the gap; undefined when they were never seen. */
  readonly missingBytes: number | undefined;

  constructor(
    gap: { processId: string; fromSeq: number; toSeq: number; missingBytes: number | undefined },
    options: { cause?: unknown } = {},
  ) {
    const bytes = gap.missingBytes === undefined ? "" : `, ${gap.missingBytes} bytes`;
    super(`process ${gap.processId}: events ${gap.fromSeq} to ${gap.toSeq} are no longer retained${bytes}`, options);
    this.processId = gap.processId;
    this.fromSeq = gap.fromSeq;
    this.toSeq = gap.toSeq;
    this.missingEvents = gap.toSeq - gap.fromSeq + 1;
    this.missingBytes = gap.missingBytes;
  }
}

/** The executor has no process of this id in this session: it never had, or it is done with it. */
export class UnknownProcessError extends Error {
  override readonly name = "UnknownProcessError";
  readonly code = "unknown-process";
  readonly processId: string;

  constructor(processId: string, options: { readonly cause?: unknown } = {}) {
    super(`the session has no process ${processId}, or no longer`, options);
    this.processId = processId;
  }
}

/**
 * The session has ended, and every process in it. It is the `cause` of the `LinkError` with which every call
 * on such a session fails; see {@link isSessionGone}.
 */
export class SessionGoneError extends Error {
  override readonly name = "SessionGoneError";
  readonly code = "session-gone";
}

/**
 * Whether an error says that the session is over on the executor, too: it was shut down or started anew, or the session's time
 * was up. After any other lost connection it is not known whether its processes run on.
 */
export function isSessionGone(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof SessionGoneError;
}

/** The executor broke the order of one process's events. The process is being terminated; the connection stays open. */
export class ProcessEventsError extends Error {
  override readonly name = "ProcessEventsError";
  /**
   * `reorder-overflow`: too much arrived ahead of a missing event. `protocol`: events contradict each other.
   * `not-recovered`: after a reconnect the executor refused to report the events in between; `cause` is its refusal.
   */
  readonly code: "reorder-overflow" | "protocol" | "not-recovered";
  readonly processId: string;

  constructor(
    code: ProcessEventsError["code"],
    processId: string,
    message: string,
    options: { readonly cause?: unknown } = {},
  ) {
    super(`process ${processId}: ${message}`, options);
    this.code = code;
    this.processId = processId;
  }
}

/** The body of an HTTP answer ended early, or the answer can not be used. The session is not affected. */
export class HttpBodyError extends Error {
  override readonly name = "HttpBodyError";
  /**
   * `broken`: the executor could not read on, and says why, or the body can not be decoded. `protocol`: its chunks contradict each
   * other. `overflow`: the body was not read, and more arrived than may be buffered. `redirect`: there was one under
   * `redirect: "error"`, one too many, or one that leads to no URL of the web.
   */
  readonly code: "broken" | "protocol" | "overflow" | "redirect";

  constructor(code: HttpBodyError["code"], message: string) {
    super(`http/request: ${message}`);
    this.code = code;
  }
}

/** True for what is not there: a file, a program or a working folder, and for a file handle that is closed. */
export function isNotFound(error: unknown): boolean {
  if (isFileError(error) || isStartError(error)) return error.code === "ENOENT" || isNotFound(error.cause);
  return isRemoteError(error) && error.code === ERROR_CODES.NotFound;
}

/** A file could not be moved as a whole. Where its system says why, the call fails with a `FileError` instead. */
export class FileTransferError extends Error {
  override readonly name = "FileTransferError";
  /**
   * `changed`: the connection was lost, and after the reconnect the file on the executor was another; or it grew beyond what is read
   * at once. `not-placed`: everything was sent, but it could not be put under its name; what was there is still there.
   * `unsupported`: this executor has no way to take or give a file of that size.
   */
  readonly code: "changed" | "not-placed" | "unsupported";

  constructor(code: "changed" | "not-placed" | "unsupported", message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }
}
