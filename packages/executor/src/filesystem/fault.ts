import { errnoName, osErrorText } from "../platform/os-error.ts";

/** Who is at fault: decides the code that the peer sees. */
export type FaultKind = "not-found" | "invalid-input" | "permission-denied" | "other";

/** A file operation failed. The message is meant for the peer: the system's own text, or the rule that was broken. */
export class FileSystemFault extends Error {
  override readonly name = "FileSystemFault";
  readonly kind: FaultKind;
  /** Errno name such as `ENOSPC`; `undefined` when a rule of this program refused, not the system. */
  readonly code: string | undefined;
  /** The system call that refused, where it is known. */
  readonly syscall: string | undefined;

  constructor(
    kind: FaultKind,
    message: string,
    options: { code?: string | undefined; syscall?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.code = options.code;
    this.syscall = options.syscall ?? syscallOf(options.cause);
  }
}

/** As Node tells it. */
function syscallOf(cause: unknown): string | undefined {
  const isTold = typeof cause === "object" && cause !== null && "syscall" in cause;
  return isTold && typeof cause.syscall === "string" ? cause.syscall : undefined;
}

const KINDS: Readonly<Record<string, FaultKind>> = {
  ENOENT: "not-found",
  EACCES: "permission-denied",
  EPERM: "permission-denied",
  EINVAL: "invalid-input",
};

/** The fault that the system would report for an errno name. */
export function osFault(code: string, cause?: unknown): FileSystemFault {
  return new FileSystemFault(KINDS[code] ?? "other", osErrorText(code) ?? code, { code, cause });
}

/** A refusal by a rule of this program. */
export function invalidInput(message: string): FileSystemFault {
  return new FileSystemFault("invalid-input", message);
}

/** The errno name of anything thrown by Node or by this folder, if it has one. */
export function errnoOf(thrown: unknown): string | undefined {
  const code = errnoName(thrown);
  return code !== undefined && osErrorText(code) !== undefined ? code : undefined;
}

/** File systems without permission bits (FAT, some network ones) refuse to set them in one of these ways. */
const NO_MODES = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

/** For setting permission bits where it is fine that there are none. @throws what was thrown for another reason. */
export function unlessNoModes(thrown: unknown): void {
  if (!NO_MODES.has(errnoOf(thrown) ?? "")) throw thrown;
}

/** Anything thrown as a fault; what is no error of the system is of kind `other`. */
export function toFault(thrown: unknown): FileSystemFault {
  if (thrown instanceof FileSystemFault) return thrown;
  const code = errnoOf(thrown);
  if (code !== undefined) return osFault(code, thrown);
  return new FileSystemFault("other", thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown });
}

/** Run one operation; what it throws leaves as a {@link FileSystemFault}, or as the abort reason. */
export async function withFaults<T>(operation: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    signal?.throwIfAborted();
    return await operation();
  } catch (thrown) {
    if (signal?.aborted === true && thrown === signal.reason) throw thrown;
    throw toFault(thrown);
  }
}
