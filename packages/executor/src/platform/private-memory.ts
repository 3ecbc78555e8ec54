import { lazily } from "./c-library.ts";

const PR_SET_DUMPABLE = 4;
const NO = 0;

const functions = lazily((library) => ({
  prctl: library.func("int prctl(int option, unsigned long value, unsigned long b, unsigned long c, unsigned long d)"),
}));

/**
 * Keep the memory, the environment at the start and the descriptors of this process from other processes of the same user: its
 * children above all. It leaves no core dump either, and no debugger of the user can attach. What this process starts is
 * like any other again. The superuser sees everything in any case.
 *
 * @returns whether it is so; false off Linux.
 */
export function keepMemoryPrivate(): boolean {
  return functions()?.prctl(PR_SET_DUMPABLE, NO, 0, 0, 0) === 0;
}
