/** Texts of the usual C libraries for errors of a file system, as commands print them, by the name of the error. */
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  EACCES: ["Permission denied"],
  EBUSY: ["Device or resource busy", "Resource busy"],
  EDQUOT: ["Disk quota exceeded", "Quota exceeded"],
  EEXIST: ["File exists"],
  EFBIG: ["File too large"],
  EINVAL: ["Invalid argument"],
  EIO: ["Input/output error", "I/O error"],
  EISDIR: ["Is a directory"],
  ELOOP: ["Too many levels of symbolic links", "Symbolic link loop"],
  EMLINK: ["Too many links"],
  ENAMETOOLONG: ["File name too long", "Filename too long"],
  // Some shells have words of their own for it.
  ENOENT: ["No such file or directory", "Directory nonexistent", "nonexistent directory"],
  ENOSPC: ["No space left on device"],
  ENOTDIR: ["Not a directory"],
  ENOTEMPTY: ["Directory not empty"],
  ENOTSUP: ["Operation not supported", "Not supported"],
  ENXIO: ["No such device or address"],
  EPERM: ["Operation not permitted"],
  EROFS: ["Read-only file system"],
  ETXTBSY: ["Text file busy"],
  EXDEV: ["Invalid cross-device link", "Cross-device link"],
};

const CODES = new Map(Object.entries(TEXTS).flatMap(([code, texts]) => texts.map((text) => [text, code] as const)));

/** The name of the error that the last line of a command's complaint ends with. */
export function errorNameIn(complaint: string): { readonly code: string; readonly text: string } | undefined {
  const line = complaint.trimEnd().split("\n").at(-1) ?? "";
  const text = line.slice(line.lastIndexOf(": ") + 1).trim();
  const code = CODES.get(text);
  return code === undefined ? undefined : { code, text };
}
