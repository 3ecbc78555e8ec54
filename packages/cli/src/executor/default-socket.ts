import { lstatSync, mkdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { pathToFileURL } from "node:url";
import { CommandFailure } from "../command-line/failure.ts";

const NAME = "executor.sock";
const OTHERS = 0o077;
const RIGHTS = 0o777;

type Environment = Readonly<Record<string, string | undefined>>;

/** Where `unix://` without a path leads: the socket of this user's executor. */
export function defaultSocket(env: Environment): string {
  return join(runtimeFolder(env), NAME);
}

/** The same as a URL. */
export function defaultSocketUrl(env: Environment): URL {
  return new URL(pathToFileURL(defaultSocket(env)).href.replace(/^file:/, "unix:"));
}

/**
 * The folder for sockets of this user's executors: `$XDG_RUNTIME_DIR/holdfast` where that is this user's own, else below
 * `$XDG_STATE_HOME/holdfast`. It need not be there; see {@link madeRuntimeFolder}.
 */
export function runtimeFolder(env: Environment): string {
  const { XDG_RUNTIME_DIR: runtime, XDG_STATE_HOME: state, HOME: home } = env;
  // `sudo` and `su` may leave that of somebody else.
  if (runtime !== undefined && isAbsolute(runtime) && isOwnFolder(runtime)) return join(runtime, "holdfast");
  const base = state !== undefined && isAbsolute(state) ? state : join(home || homedir(), ".local", "state");
  return join(base, "holdfast", "run");
}

/**
 * The same, made if it was not there, and checked: of this user, and closed to all others.
 *
 * @throws CommandFailure it can't be made, or is in the hands of others.
 */
export function madeRuntimeFolder(env: Environment): string {
  const folder = runtimeFolder(env);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const problem = problemWith(folder);
    if (problem === undefined) return folder;
    throw new Error(problem);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CommandFailure(`the folder for sockets ${folder} can't be used: ${reason}`, { cause });
  }
}

/** Whether it is there, of this user, and closed to all others: what listens in it is this user's. */
export function isPrivateFolder(folder: string): boolean {
  try {
    return problemWith(folder) === undefined;
  } catch {
    return false;
  }
}

function problemWith(folder: string): string | undefined {
  const stats = lstatSync(folder);
  if (stats.isSymbolicLink()) return "it is a link";
  if (!stats.isDirectory()) return "it is no folder";
  if (stats.uid !== process.geteuid?.()) return `it belongs to user ${stats.uid}`;
  if ((stats.mode & OTHERS) === 0) return undefined;
  return `others may enter it (mode ${(stats.mode & RIGHTS).toString(8)}): chmod 700 ${folder}`;
}

function isOwnFolder(path: string): boolean {
  try {
    const stats = statSync(path);
    return stats.isDirectory() && stats.uid === process.geteuid?.();
  } catch {
    return false;
  }
}
