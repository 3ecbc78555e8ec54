import { constants } from "node:os";

/**
 * Texts of the C library that the reference peer is linked against (musl), so that the messages agree on every host.
 * The numbers are those of the running platform.
 */
const TEXTS: Readonly<Record<string, string>> = {
  E2BIG: "Argument list too long",
  EACCES: "Permission denied",
  EADDRNOTAVAIL: "Address not available",
  EAGAIN: "Resource temporarily unavailable",
  EBADF: "Bad file descriptor",
  EBUSY: "Resource busy",
  ECONNABORTED: "Connection aborted",
  ECONNREFUSED: "Connection refused",
  ECONNRESET: "Connection reset by peer",
  EDQUOT: "Quota exceeded",
  EEXIST: "File exists",
  EFBIG: "File too large",
  EHOSTUNREACH: "Host is unreachable",
  EINTR: "Interrupted system call",
  EINVAL: "Invalid argument",
  EIO: "I/O error",
  EISDIR: "Is a directory",
  ELOOP: "Symbolic link loop",
  EMFILE: "No file descriptors available",
  EMLINK: "Too many links",
  ENAMETOOLONG: "Filename too long",
  ENETUNREACH: "Network unreachable",
  ENFILE: "Too many open files in system",
  ENODEV: "No such device",
  ENOENT: "No such file or directory",
  ENOEXEC: "Exec format error",
  ENOMEM: "Out of memory",
  ENOSPC: "No space left on device",
  ENOSYS: "Function not implemented",
  ENOTDIR: "Not a directory",
  ENOTEMPTY: "Directory not empty",
  ENOTSUP: "Not supported",
  ENXIO: "No such device or address",
  EOPNOTSUPP: "Not supported",
  EOVERFLOW: "Value too large for data type",
  EPERM: "Operation not permitted",
  EPIPE: "Broken pipe",
  EROFS: "Read-only file system",
  ESPIPE: "Invalid seek",
  ESRCH: "No such process",
  ESTALE: "Stale file handle",
  ETIMEDOUT: "Operation timed out",
  ETXTBSY: "Text file busy",
  EXDEV: "Cross-device link",
};

/** `No such file or directory (os error 2)` for `ENOENT`; `undefined` when `code` is not an errno name. */
export function osErrorText(code: string): string | undefined {
  const number = (constants.errno as Readonly<Record<string, number>>)[code];
  return number === undefined ? undefined : `${TEXTS[code] ?? code} (os error ${number})`;
}

const EXHAUSTED = new Set(["EMFILE", "ENFILE", "ENOMEM"]);

/** Whether the system had nothing left to look with, which says nothing about what was looked for. */
export function isExhaustion(thrown: unknown): boolean {
  return EXHAUSTED.has(errnoName(thrown) ?? "");
}

/** The errno name of something thrown by Node, if it has one. */
export function errnoName(thrown: unknown): string | undefined {
  if (typeof thrown !== "object" || thrown === null || !("code" in thrown)) return undefined;
  return typeof thrown.code === "string" ? thrown.code : undefined;
}
