import { fileURLToPath } from "node:url";

/**
 * Programs that misbehave, or behave in one exact way, for tests with real processes. Run them with `process.execPath`.
 * Each prints `ready` and LF on stdout once it is in the state its name promises, unless noted.
 */
const PROGRAMS = {
  /** Stays alive through SIGTERM, SIGINT and SIGHUP. */
  "ignores-sigterm": "ignores-sigterm.mjs",
  /** Exits 0 after `ready` and leaves a child with its stdout, which writes `late` and LF after argv[2] ms (default 100). */
  "prints-after-exit": "prints-after-exit.mjs",
  /** Never reads its stdin; lives until it is ended. */
  "never-reads-stdin": "never-reads-stdin.mjs",
  /** No `ready`: writes argv[2] MiB (default 8) of `x` lines of 1,024 bytes to stdout, then exits 0. */
  "floods-stdout": "floods-stdout.mjs",
  /** Starts a child in the same process group that ignores SIGTERM; prints `ready PID` with the child's pid. Lives on. */
  "forks-on": "forks-on.mjs",
  /** No `ready`: copies stdin to stdout byte for byte, exits 0 at the end. */
  "echoes-stdin": "echoes-stdin.mjs",
  /** Closes its stdin, then lives until it is ended. */
  "closes-stdin": "closes-stdin.mjs",
  /** Exits with code argv[2] (default 0) at once; prints nothing. */
  "exits-with": "exits-with.mjs",
  /** Starts a child in a session of its own (setsid); prints `ready PID` with the child's pid. Both live on. */
  "leaves-its-session": "leaves-its-session.mjs",
  /** Leaves a daemon (forked twice), prints `ready PID` with the daemon's pid, and exits 0. The daemon lives on. */
  "becomes-a-daemon": "becomes-a-daemon.mjs",
  /**
   * Prints `ready PID` with its own pid, lives argv[3] ms (default 50), then starts itself anew in a session of its own
   * and exits 0; without end. Every generation keeps the stdout of the first. Pass 0 as argv[2].
   */
  "keeps-forking": "keeps-forking.mjs",
  /** Closes its stdout after `ready`, then lives until it is ended. */
  "closes-stdout": "closes-stdout.mjs",
  /** No `ready`: writes two of the three bytes of `\u20ac`, the third after the first byte of stdin, then exits 0. */
  "splits-a-character": "splits-a-character.mjs",
  /** Stops itself (SIGSTOP) after `ready`; once continued it prints `continued` and LF and exits 0. */
  "stops-itself": "stops-itself.mjs",
} as const;

/** Name of a program in this package. */
export type ProgramName = keyof typeof PROGRAMS;

/** Absolute path of a program's file. */
export function programPath(name: ProgramName): string {
  return fileURLToPath(new URL(`../programs/${PROGRAMS[name]}`, import.meta.url));
}
