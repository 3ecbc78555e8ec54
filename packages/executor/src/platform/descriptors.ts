import { readdirSync } from "node:fs";
import { getSystemErrorName } from "node:util";
import { lazily } from "./c-library.ts";

const O_CLOEXEC = 0o2000000;
const CLOSE_RANGE_CLOEXEC = 4;
const HIGHEST_DESCRIPTOR = 0xffff_ffff;

/** `[readEnd, writeEnd]`. */
export type PipeEnds = readonly [number, number];

const F_SETFD = 2;
const FD_CLOEXEC = 1;
const F_DUPFD_CLOEXEC = 1030;
const LOWEST_DUPLICATE = 3;

const F_SETPIPE_SZ = 1031;

const functions = lazily((library) => ({
  fcntl: library.func("int fcntl(int fd, int command, int argument)"),
  pipe2: library.func("int pipe2(_Out_ int *fds, int flags)"),
  errno: () => library.errno(),
}));

/** By itself: C libraries of before 2021 lack it, and have the rest. */
const closeRange = lazily((library) =>
  library.func("int close_range(unsigned int first, unsigned int last, int flags)"),
);

/**
 * A real pipe, close-on-exec; `undefined` where none can be made.
 *
 * @throws the operating system's error with its `code`, e.g. `EMFILE`.
 */
export function makePipe(): PipeEnds | undefined {
  const calls = functions();
  if (calls === undefined) return undefined;
  const ends: [number, number] = [-1, -1];
  if (calls.pipe2(ends, O_CLOEXEC) === 0) return ends;
  const code = getSystemErrorName(-calls.errno());
  throw Object.assign(new Error(`pipe2 failed: ${code}`), { code });
}

/** Let a pipe hold more, as far as the system lets this user. @param end - Either one. */
export function widenPipe(end: number, bytes: number): void {
  functions()?.fcntl(end, F_SETPIPE_SZ, bytes);
}

/**
 * Mark every open descriptor from `lowest` up as close-on-exec, on Linux.
 * Children then get nothing that this process itself inherited.
 */
export function closeOnExecFrom(lowest: number): void {
  // Linux 5.11 and newer.
  if (closeRange()?.(lowest, HIGHEST_DESCRIPTOR, CLOSE_RANGE_CLOEXEC) === 0 || functions() === undefined) return;
  for (const descriptor of readdirSync("/proc/self/fd").map(Number)) {
    if (descriptor >= lowest) keepAcrossExec(descriptor, false);
  }
}

/**
 * A second descriptor for the same open file, close-on-exec; `undefined` where none can be made.
 *
 * @param lowest - The copy's number is this or higher.
 */
export function duplicate(descriptor: number, lowest: number = LOWEST_DUPLICATE): number | undefined {
  const copy = functions()?.fcntl(descriptor, F_DUPFD_CLOEXEC, lowest);
  return copy === undefined || copy < 0 ? undefined : copy;
}

/** Whether the program that this process becomes has the descriptor, too. */
export function keepAcrossExec(descriptor: number, isKept: boolean): void {
  functions()?.fcntl(descriptor, F_SETFD, isKept ? 0 : FD_CLOEXEC);
}
