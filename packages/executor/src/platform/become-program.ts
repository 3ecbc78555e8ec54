import { constants } from "node:os";
import { setImmediate as nextTurn } from "node:timers/promises";
import { getSystemErrorName } from "node:util";
import { lazily } from "./c-library.ts";
import { keepAcrossExec } from "./descriptors.ts";
import { asCString } from "./posix-spawn.ts";

const STANDARD = [0, 1, 2] as const;
/** `SIG_DFL`, `SIG_IGN` */
const [DEFAULT, IGNORE] = [0, 1];
/** SIGHUP, SIGUSR2 */
const IGNORED_MEANWHILE = [1, 12] as const;

/** What this process becomes. */
export interface NextProgram {
  /** Path of the program; nothing is looked up. */
  readonly file: string;
  /** In native text. */
  readonly argv: readonly string[];
  /** `NAME=value` each, in native text. */
  readonly environment: readonly string[];
  /** What it gets under the same numbers, besides the standard streams. */
  readonly descriptors: readonly number[];
}

const functions = lazily((library) => ({
  execve: library.func("int execve(const char *file, const char **argv, const char **envp)"),
  signal: library.func("intptr_t signal(int number, intptr_t handler)"),
  errno: () => library.errno(),
}));

/** True where {@link becomeProgram} works. */
export function canBecomeProgram(): boolean {
  return process.platform === "linux" && functions() !== undefined;
}

/**
 * From now on these signals do what they do to a program that does not handle them. A handler only notes a signal and tells of it in a later
 * turn, and what it has noted by the time of {@link becomeProgram} nobody would hear of: neither program would do what it was told.
 *
 * @returns when those that were noted before have been told; a function that has them handled again.
 */
export async function leaveSignals(signals: readonly NodeJS.Signals[]): Promise<() => void> {
  const calls = functions();
  if (calls === undefined) return () => {};
  const handlers = signals.map((name) => {
    const number = constants.signals[name];
    return [number, calls.signal(number, DEFAULT)] as const;
  });
  // The first may come before the event loop looks at what was noted.
  await nextTurn();
  await nextTurn();
  return () => {
    for (const [number, handler] of handlers) calls.signal(number, handler);
  };
}

/**
 * Replace this process by another program, with the same id and the same children. Nothing of this one is ended first: no handler of an
 * exit runs, its threads are gone, and what was not written is lost.
 *
 * Node's own way announces itself as an experiment, and takes the process down where the system refuses.
 *
 * @returns only when the system refuses: the errno name. The process goes on as it was.
 */
export function becomeProgram({ file, argv, environment, descriptors }: NextProgram): string {
  const calls = functions();
  if (calls === undefined) return "ENOSYS";
  const kept = [...STANDARD, ...descriptors];
  for (const descriptor of kept) keepAcrossExec(descriptor, true);
  // With a handler they would end the next program, as long as that has none: what is ignored stays ignored.
  const handlers = IGNORED_MEANWHILE.map((number) => calls.signal(number, IGNORE));
  calls.execve(file, [...argv.map(asCString), null], [...environment.map(asCString), null]);
  const name = getSystemErrorName(-calls.errno());
  for (const descriptor of kept) keepAcrossExec(descriptor, false);
  for (const [index, number] of IGNORED_MEANWHILE.entries()) calls.signal(number, handlers[index]);
  return name;
}
