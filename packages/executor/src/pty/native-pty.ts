import { createRequire } from "node:module";

/** What the prebuilt terminal library's native half offers. Its public half adds `PWD` and `TERM` to the environment
 * and closes the terminal 200 ms after the leader's exit, read or not; both would be wrong here. */
export interface NativePty {
  /**
   * Fork a child behind a new terminal; it leads a session and owns the terminal.
   *
   * @param file - Looked up in the `PATH` of `environment`, as `execvp` does. Also the child's `argv[0]`.
   * @param environment - `NAME=value` each.
   * @param userId - −1: unchanged.
   * @param exited - The leader was reaped; called once, on the event loop.
   */
  fork(
    file: string,
    args: readonly string[],
    environment: readonly string[],
    cwd: string,
    columns: number,
    rows: number,
    userId: number,
    groupId: number,
    utf8: boolean,
    helperPath: string,
    exited: (code: number, signal: number) => void,
  ): { readonly fd: number; readonly pid: number };
  /** Give a terminal another size, and its foreground group a SIGWINCH. @param fd - Of this side. */
  resize(fd: number, columns: number, rows: number): void;
}

interface LoadedPty {
  readonly native: NativePty;
  /** Path of the helper program that macOS needs; ignored elsewhere. */
  readonly helperPath: string;
}

let loaded: LoadedPty | undefined;

/** @throws Error when no prebuilt binary exists for this platform. */
export function loadPty(): LoadedPty {
  if (loaded !== undefined) return loaded;
  const binaries = `@lydell/node-pty-${process.platform}-${process.arch}`;
  try {
    loaded = loadFrom(binaries);
    return loaded;
  } catch (cause) {
    const isMissing = cause instanceof Error && "code" in cause && cause.code === "MODULE_NOT_FOUND";
    throw isMissing
      ? new Error(`there are no terminals without the package ${binaries} beside this program`, { cause })
      : cause;
  }
}

function loadFrom(binaries: string): LoadedPty {
  const require = createRequire(import.meta.url);
  // The binaries are dependencies of the library, not ours: resolve them from where it lives.
  const fromLibrary = createRequire(require.resolve("@lydell/node-pty"));
  return {
    native: fromLibrary(`${binaries}/pty.node`) as NativePty,
    helperPath: process.platform === "darwin" ? fromLibrary.resolve(`${binaries}/spawn-helper`) : "",
  };
}
