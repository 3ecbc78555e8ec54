import { randomUUID } from "node:crypto";
import { constants, copyFile, link, mkdir, open, readFile, rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { keepAlive } from "../client/reconnect/keep-alive.ts";
import { pause } from "../client/reconnect/pause.ts";
import { type Clock, systemClock } from "../clock.ts";
import { FileLockError } from "./file-lock-error.ts";

/** Milliseconds that a lock is waited for. */
const TIMEOUT_MS = 60_000;
/** Milliseconds after which a lock is of nobody any more; what is done under one is over before. */
const STALE_MS = 60_000;
/** Milliseconds between two tries to get one. */
const RETRY_MS = 25;

/** How a file system says that it has no links. */
const NO_LINKS: ReadonlySet<string> = new Set(["EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EMLINK"]);

export interface FileLockOptions {
  /** Gives up waiting for it. */
  readonly signal?: AbortSignal | undefined;
  /** Time, for tests. Default: the real clock. */
  readonly clock?: Clock | undefined;
}

/**
 * Hold a lock among processes while something is done: a file that is there for as long as it is held.
 *
 * One whose owner is gone, or that is older than anything done under one (a minute), is of nobody.
 *
 * @param path - Of the lock; its folder is made where it is missing.
 * @throws FileLockError - It can not be made, or another process has it for longer than a minute. @throws unknown - The reason of `signal`; what `run` throws.
 */
export async function underFileLock<Result>(
  path: string,
  { clock = systemClock, signal }: FileLockOptions,
  run: () => Promise<Result>,
): Promise<Result> {
  const mine = `${process.pid} ${hostname()} ${randomUUID()}\n`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await take(path, mine, clock, signal);
  } catch (cause) {
    if (!isSystemError(cause)) throw cause;
    throw new FileLockError(`${path} can not be made: ${cause.code}`, { cause });
  }
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
    const deadline = clock.now() + TIMEOUT_MS;
    for (;;) {
      signal?.throwIfAborted();
      if (await isDone(appear(draft, path))) return;
      await removeStale(path);
      if (clock.now() > deadline) {
        throw new FileLockError(`${path} is held by another process for more than ${TIMEOUT_MS / 1_000} s`);
      }
      await pause(RETRY_MS, clock, signal);
    }
  } finally {
    letGo();
    await rm(draft, { force: true });
  }
}

/** A link appears with its content, or not at all; a few file systems have none. */
async function appear(draft: string, path: string): Promise<void> {
  try {
    await link(draft, path);
  } catch (error) {
    if (!isSystemError(error) || !NO_LINKS.has(error.code)) throw error;
    await copyFile(draft, path, constants.COPYFILE_EXCL);
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
  const [pid = "", host] = content.split(" ");
  // Where a folder is shared by machines or containers, a number of another one says nothing here.
  const isKnown = /^[1-9]\d*$/.test(pid) && host === hostname();
  return (isKnown && !isAlive(Number(pid))) || (await isOld(path));
}

async function isOld(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > STALE_MS;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return isSystemError(error) && error.code === "EPERM";
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
    if (isSystemError(error) && error.code === "EEXIST") return false;
    throw error;
  }
}

function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && "syscall" in error && "code" in error && typeof error.code === "string";
}
