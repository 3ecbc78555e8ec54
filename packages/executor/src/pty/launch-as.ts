/**
 * Replaces itself by another program under another `argv[0]`: `launch-as.js ARG0 PROGRAM [ARG…]`.
 *
 * The environment, the working folder and the terminal are the ones this program was given.
 */

import { accessSync, constants as files, statSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { delimiter, join } from "node:path";

/** Node ignores these two, and what replaces it would inherit that: SIGPIPE and SIGXFSZ. */
const IGNORED_BY_NODE = [constants.signals.SIGPIPE, constants.signals.SIGXFSZ];

function restoreSignals(): void {
  const koffi = createRequire(import.meta.url)("koffi") as {
    load(path: null): { func(prototype: string): (...args: unknown[]) => unknown };
  };
  const setHandler = koffi.load(null).func("void *signal(int number, void *handler)");
  for (const signal of IGNORED_BY_NODE) setHandler(signal, null);
}

function locate(program: string): string {
  if (program.includes("/")) return program;
  const folders = (process.env.PATH ?? "/bin:/usr/bin").split(delimiter);
  const isProgram = (path: string) => {
    try {
      accessSync(path, files.X_OK);
      return statSync(path).isFile();
    } catch {
      return false;
    }
  };
  return folders.map((folder) => join(folder, program)).find(isProgram) ?? program;
}

const [arg0 = "", program = "", ...args] = process.argv.slice(2);
try {
  restoreSignals();
  process.execve?.(locate(program), [arg0, ...args], process.env as Record<string, string>);
  throw new Error("this Node cannot replace a process (22.15 or later can)");
} catch (error) {
  writeSync(
    2,
    `holdfast: cannot start ${program} as ${arg0}: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exitCode = 127;
}
