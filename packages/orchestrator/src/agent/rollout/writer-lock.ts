import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pid as ownPid } from "node:process";

/** Folder of the locks, below the home. */
const FOLDER = "thread-writer-locks";

/** Those that this program has: another one with its number may have left the others. */
const held = new Set<string>();

/** Another program writes to the thread. */
export class ThreadInUseError extends Error {
  override readonly name = "ThreadInUseError";
}

/**
 * Keep other programs from writing to a thread. The lock of a program that is gone does not count.
 *
 * @throws ThreadInUseError - One does.
 * @throws Error - The lock can not be made.
 */
export function lockThread(home: string, threadId: string): Disposable {
  const folder = join(home, FOLDER);
  const path = join(folder, `${threadId}.holdfast`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!made(path)) {
    const holder = holderOf(path);
    if (held.has(path) || (holder !== undefined && holder !== ownPid && isRunning(holder))) {
      throw new ThreadInUseError(
        `thread ${threadId} is in use by another app server (process ${holder}): end it there, or use another CODEX_HOME`,
      );
    }
    removeAbandoned(path, threadId);
    if (!made(path)) throw new ThreadInUseError(`thread ${threadId} was taken by another app server at the same time`);
  }
  held.add(path);
  return {
    [Symbol.dispose]() {
      held.delete(path);
      rmSync(path, { force: true });
    },
  };
}

/**
 * Take away the lock of a program that is gone. Another program may do the same at the same time, and have its own there already: what was taken
 * away is looked at, and put back.
 *
 * @throws ThreadInUseError - Another program was faster.
 */
function removeAbandoned(path: string, threadId: string): void {
  const taken = `${path}.${randomUUID()}`;
  try {
    renameSync(path, taken);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  const holder = holderOf(taken);
  try {
    if (holder === undefined || holder === ownPid || !isRunning(holder)) return;
    linkSync(taken, path);
  } finally {
    rmSync(taken, { force: true });
  }
  throw new ThreadInUseError(`thread ${threadId} was taken by another app server (process ${holder}) at the same time`);
}

/** It appears with what stands in it. */
function made(path: string): boolean {
  const draft = `${path}.${randomUUID()}`;
  writeFileSync(draft, `${ownPid}\n`, { flag: "wx", mode: 0o600 });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function holderOf(path: string): number | undefined {
  try {
    const holder = Number(readFileSync(path, "utf8"));
    return Number.isSafeInteger(holder) && holder > 0 ? holder : undefined;
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
