import { closeSync, openSync, readSync } from "node:fs";

const HEAD_BYTES = 4;
const SCRIPT = "#!";
/** By their first four bytes: ELF, and on macOS the forms of Mach-O. */
const FORMATS: readonly string[] =
  process.platform === "darwin" ? ["cffaedfe", "cefaedfe", "feedfacf", "feedface", "cafebabe"] : ["7f454c46"];

/**
 * Whether a file begins like something that the system itself runs. Otherwise the C library's way of starting a program, which
 * terminals and Node use, would let a shell read any file. What can't be read counts: the system decides.
 */
export function hasProgramFormat(path: string): boolean {
  const head = Buffer.alloc(HEAD_BYTES);
  try {
    const fd = openSync(path, "r");
    try {
      readSync(fd, head, 0, HEAD_BYTES, 0);
    } finally {
      closeSync(fd);
    }
  } catch {
    return true;
  }
  return head.toString("latin1", 0, SCRIPT.length) === SCRIPT || FORMATS.includes(head.toString("hex"));
}
