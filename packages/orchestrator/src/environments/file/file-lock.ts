import { open, rm, stat } from "node:fs/promises";
import { type Clock, systemClock } from "@holdfast/rpc";
import { keepAlive } from "@holdfast/rpc/client";

/** A lock that is older was left by who was killed: what it is held for takes milliseconds. */
const STALE_MS = 10_000;
const RETRY_MS = 20;
/** Longer than it takes until one that was left is stale. */
const PATIENCE_MS = 20_000;

/**
 * Do something that no other program does at the same time, as long as all of them use the same lock.
 *
 * @param path - Of the lock, which is a file that is there meanwhile. Its folder has to be there.
 * @throws Error - Others keep it. @throws The error of the system, and what the work throws.
 */
export async function withFileLock<Result>(
  path: string,
  work: () => Promise<Result>,
  clock: Clock = systemClock,
): Promise<Result> {
  const stopKeepingAlive = keepAlive();
  try {
    await take(path, clock);
  } finally {
    stopKeepingAlive();
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function take(path: string, clock: Clock): Promise<void> {
  const startMs = clock.now();
  while (!(await taken(path))) {
    if (clock.now() - startMs > PATIENCE_MS) throw new Error(`others keep the lock ${path}; remove it if nobody does`);
    await removedIfStale(path);
    await new Promise<void>((resolve) => void clock.after(RETRY_MS, resolve));
  }
}

async function taken(path: string): Promise<boolean> {
  try {
    await using _file = await open(path, "wx", 0o600);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

async function removedIfStale(path: string): Promise<void> {
  const stats = await stat(path).catch(() => undefined);
  // By the clock of the file system's machine, which is this one, or nearly.
  if (stats !== undefined && Date.now() - stats.mtimeMs > STALE_MS) await rm(path, { force: true });
}
