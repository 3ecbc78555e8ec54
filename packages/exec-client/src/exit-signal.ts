/** Numbers that mean the same on every POSIX system; the others differ between Linux and macOS. */
const SIGNAL_NAMES: ReadonlyMap<number, string> = new Map([
  [1, "SIGHUP"],
  [2, "SIGINT"],
  [3, "SIGQUIT"],
  [4, "SIGILL"],
  [5, "SIGTRAP"],
  [6, "SIGABRT"],
  [8, "SIGFPE"],
  [9, "SIGKILL"],
  [11, "SIGSEGV"],
  [13, "SIGPIPE"],
  [14, "SIGALRM"],
  [15, "SIGTERM"],
]);

/** The name of the signal that an exit code stands for by custom, if it does. */
export function exitSignal(exitCode: number): string | undefined {
  return SIGNAL_NAMES.get(exitCode - 128);
}
