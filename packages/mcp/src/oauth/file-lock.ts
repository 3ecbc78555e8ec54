import { randomUUID } from "node:crypto";
import { link, mkdir, open, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { type Clock, systemClock } from "@holdfast/rpc";
import { keepAlive, pause } from "@holdfast/rpc/client";
import { LOCK_RETRY_MS, LOCK_STALE_MS, LOCK_TIMEOUT_MS } from "./limits.ts";
import { McpOAuthError } from "./oauth-error.ts";

export interface FileLockOptions {
  readonly clock?: Clock;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Hold a lock among processes while something is done: a file that is there for as long as it is held.
 *
 * One whose owner is gone, or that is older than anything done under one, is of nobody.
 *
 * @param path - Of the lock; its folder is made where it is missing.
 */
export async function underFileLock<Result>(
  path: string,
  { clock = systemClock, signal }: FileLockOptions,
  run: () => Promise<Result>,
): Promise<Result> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const mine = `${process.pid} ${randomUUID()}\n`;
  await take(path, mine, clock, signal);
  try {
    return await run();
  } finally {
    if ((await contentOf(path)) === mine) await rm(path, { force: true });
  }
}

async function take(path: string, mine: string, clock: Clock, signal: AbortSignal | undefined): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, mine, { mode: 0o600, flag: "wx" });
  const letGo = keepAlive();
  try {
    const deadline = clock.now() + LOCK_TIMEOUT_MS;
    for (;;) {
      signal?.throwIfAborted();
      // A link appears with its content, or not at all.
      if (await isDone(link(draft, path))) return;
      await removeStale(path);
      if (clock.now() > deadline) {
        throw new McpOAuthError(
          "store",
          `${path} is held by another process for more than ${LOCK_TIMEOUT_MS / 1_000} s`,
        );
      }
      await pause(LOCK_RETRY_MS, clock, signal);
    }
  } finally {
    letGo();
    await rm(draft, { force: true });
  }
}

/** Remove a lock of nobody: one process at a time, or the lock that the first one then takes would be removed by the second. */
async function removeStale(path: string): Promise<void> {
  if (!(await isStale(path))) return;
  const breaking = `${path}.breaking`;
  if (!(await isDone(open(breaking, "wx", 0o600).then((file) => file.close())))) {
    if (await isOld(breaking)) await rm(breaking, { force: true });
    return;
  }
  try {
    if (await isStale(path)) await rm(path, { force: true });
  } finally {
    await rm(breaking, { force: true });
  }
}

async function isStale(path: string): Promise<boolean> {
  const content = await contentOf(path);
  if (content === undefined) return false;
  return !isAlive(Number.parseInt(content, 10)) || (await isOld(path));
}

async function isOld(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > LOCK_STALE_MS;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function contentOf(path: string): Promise<string | undefined> {
  return await readFile(path, "utf8").catch(() => undefined);
}

/** False: there is a file of that name already. */
async function isDone(attempt: Promise<void>): Promise<boolean> {
  try {
    await attempt;
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}
