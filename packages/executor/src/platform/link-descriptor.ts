import { getSystemErrorName } from "node:util";
import { lazily } from "./c-library.ts";

const AT_FDCWD = -100;
const AT_SYMLINK_FOLLOW = 0x400;

const functions = lazily((library) => ({
  linkat: library.func("int linkat(int from, void *path, int to, void *name, int flags)"),
  errno: () => library.errno(),
}));

/** Whether an open file that has no name can be given one. */
export function canLinkDescriptors(): boolean {
  return functions() !== undefined;
}

/**
 * Give an open file a name, which must not exist. Node's `link` would not follow the way through `/proc`.
 *
 * @throws the operating system's error with its `code`, e.g. `EEXIST`.
 */
export function linkDescriptor(descriptor: number, path: Buffer): void {
  const calls = functions();
  if (calls === undefined) throw Object.assign(new Error("linkat is not there"), { code: "ENOSYS" });
  const [from, to] = [Buffer.from(`/proc/self/fd/${descriptor}\0`), Buffer.concat([path, Buffer.of(0)])];
  if (calls.linkat(AT_FDCWD, from, AT_FDCWD, to, AT_SYMLINK_FOLLOW) === 0) return;
  const code = getSystemErrorName(-calls.errno());
  throw Object.assign(new Error(`linkat failed: ${code}`), { code });
}
