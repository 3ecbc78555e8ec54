import { getSystemErrorName } from "node:util";
import { lazily } from "./c-library.ts";

const MFD_CLOEXEC = 1;

const functions = lazily((library) => ({
  create: library.func("int memfd_create(const char *name, unsigned int flags)"),
  errno: () => library.errno(),
}));

/**
 * An empty file without a name in any folder, close-on-exec: it lies in memory and goes with its last descriptor.
 *
 * @throws the operating system's error with its `code`.
 */
export function makeMemoryFile(name: string): number {
  const calls = functions();
  const fd = calls?.create(name, MFD_CLOEXEC) ?? -1;
  if (fd >= 0) return fd;
  const code = calls === undefined ? "ENOSYS" : getSystemErrorName(-calls.errno());
  throw Object.assign(new Error(`memfd_create failed: ${code}`), { code });
}
