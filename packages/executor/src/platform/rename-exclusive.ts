import { getSystemErrorName } from "node:util";
import { lazily } from "./c-library.ts";

const AT_FDCWD = -100;
const RENAME_NOREPLACE = 1;
/** The kernel or the file system has no such call, or the C library none of that name. */
const NOT_THERE = new Set(["ENOSYS", "EINVAL", "EOPNOTSUPP", "ENOTSUP"]);

const functions = lazily((library) => ({
  renameat2: library.func("int renameat2(int from, void *source, int to, void *destination, uint32_t flags)"),
  errno: () => library.errno(),
}));

/**
 * Rename where nothing has the new name, in one step.
 *
 * @returns false where that can not be done here; nothing has changed.
 * @throws the operating system's error with its `code`, e.g. `EEXIST`.
 */
export function renameExclusive(source: Buffer, destination: Buffer): boolean {
  const calls = functions();
  if (calls === undefined) return false;
  const [from, to] = [source, destination].map((path) => Buffer.concat([path, Buffer.of(0)]));
  if (calls.renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) === 0) return true;
  const code = getSystemErrorName(-calls.errno());
  if (NOT_THERE.has(code)) return false;
  throw Object.assign(new Error(`renameat2 failed: ${code}`), { code, syscall: "renameat2" });
}
