import { randomBytes } from "node:crypto";
import { closeSync, constants, fstatSync, mkdirSync, openSync, rmdirSync } from "node:fs";
import { open, readdir, rename, rm, rmdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { KEPT_STAGE_TTL_MS } from "@holdfast/exec-server-protocol";
import type { Clock, Timer } from "@holdfast/rpc";
import { isFreshName, removeStaged, type StagedPlace, type StageKeeper } from "../filesystem/index.ts";
import { canLock, tryLock } from "../platform/file-lock.ts";
import type { Log } from "../platform/ports.ts";

const FOLDER_FLAGS = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** Something else than a file in its place must not be waited for. */
const RECORD_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const RANDOM_BYTES = 12;
const RECORD_NAME = /^[0-9a-f]{24}\.json$/;
/** Longest record that is read: two paths and some numbers. */
const RECORD_MAX_BYTES = 65_536;

/** What is on disk about a staged folder. Bytes are base64, numbers of the file system decimal. */
interface Record {
  readonly host: string;
  readonly hostId: string;
  readonly name: string;
  readonly id: string;
  readonly finalName: string;
  readonly keepAs?: string;
}

/** A session that has a folder staged which others may want. */
export interface StageHolder {
  /** Leave it to another session of the same client, if its own client is gone. */
  letGo(): Promise<void>;
}

/**
 * Staged folders on record, so that none stays for good when its executor is killed, and one that its client wants to go on with can
 * be found again: by the next session, or the next executor.
 *
 * Each executor has a folder of its own for them, which it holds locked. What is in one that nobody holds belongs to an executor
 * that is gone: it is removed, or kept for as long as was promised. A kill between the making of a folder and its record leaves
 * an empty folder.
 */
export class StageRecords {
  readonly #wanted: string | undefined;
  readonly #clock: Pick<Clock, "after" | "now">;
  readonly #log: Log;
  readonly #holders = new Map<string, StageHolder>();
  readonly #expiries = new Map<string, Timer>();
  #own: { readonly path: string; readonly lock: number } | undefined;
  #swept: Promise<void> | undefined;
  #state: "open" | "closed" = "open";

  /** @param directory - Of this user, for the records of all its executors; undefined: nothing is recorded. */
  constructor(directory: string | undefined, clock: Pick<Clock, "after" | "now">, log: Log) {
    this.#wanted = directory;
    this.#clock = clock;
    this.#log = log;
  }

  /** Asked only when there is something to record: to lock takes the native binding, which an executor without a client does not load. */
  get #directory(): string | undefined {
    return this.#wanted !== undefined && canLock() ? this.#wanted : undefined;
  }

  /** Remove what executors left that are gone, and take over what they keep. Once; never rejects. */
  sweep(): Promise<void> {
    this.#swept ??= this.#sweep().catch((error: unknown) => {
      this.#log.debug(`staged folders of earlier executors could not be looked for: ${String(error)}`);
    });
    return this.#swept;
  }

  /** What looks after one staged folder. */
  keeperFor(keepAs: string | undefined, holder: StageHolder): StageKeeper {
    let recordName: string | undefined;
    let heldKey: string | undefined;
    const dropHeld = (): void => {
      if (heldKey !== undefined && this.#holders.get(heldKey) === holder) this.#holders.delete(heldKey);
    };
    return {
      find: async (host, finalName) => {
        if (keepAs === undefined || this.#directory === undefined) return undefined;
        await this.sweep();
        const key = keyOf({ hostId: host, finalName: finalName.toString("base64"), keepAs });
        await this.#holders.get(key)?.letGo();
        if (this.#holders.has(key)) return undefined;
        heldKey = key;
        this.#holders.set(key, holder);
        const found = await this.#find(key);
        if (found === undefined) return undefined;
        recordName = found.name;
        this.#expiries.get(found.name)?.cancel();
        this.#expiries.delete(found.name);
        return placeOf(found.record);
      },
      note: async (place, finalName) => {
        const folder = this.#ownFolder();
        if (folder === undefined) return;
        const name = recordName ?? `${randomBytes(RANDOM_BYTES).toString("hex")}.json`;
        const record: Record = {
          host: place.host.toString("base64"),
          hostId: place.hostId,
          name: place.name.toString("base64"),
          id: place.id,
          finalName: finalName.toString("base64"),
          ...(keepAs === undefined ? {} : { keepAs }),
        };
        recordName = name;
        await writeFile(join(folder, name), JSON.stringify(record), { mode: FILE_MODE });
      },
      forget: async () => {
        dropHeld();
        if (recordName !== undefined && this.#own !== undefined)
          await rm(join(this.#own.path, recordName), { force: true });
      },
      leave: async () => {
        dropHeld();
        if (recordName === undefined || this.#own === undefined || keepAs === undefined) return false;
        const path = join(this.#own.path, recordName);
        const now = new Date();
        await utimes(path, now, now);
        this.#expire(recordName, KEPT_STAGE_TTL_MS);
        return true;
      },
    };
  }

  /** What is kept stays for the next executor. Idempotent. */
  async close(): Promise<void> {
    this.#state = "closed";
    await this.#swept;
    for (const timer of this.#expiries.values()) timer.cancel();
    this.#expiries.clear();
    const own = this.#own;
    this.#own = undefined;
    if (own === undefined) return;
    await rmdir(own.path).catch(() => {});
    closeSync(own.lock);
  }

  async #find(key: string): Promise<{ readonly name: string; readonly record: Record } | undefined> {
    const folder = this.#own?.path;
    if (folder === undefined) return undefined;
    for (const name of await recordsIn(folder)) {
      const record = (await readRecord(join(folder, name)))?.record;
      if (record?.keepAs !== undefined && keyOf({ ...record, keepAs: record.keepAs }) === key) return { name, record };
    }
    return undefined;
  }

  async #sweep(): Promise<void> {
    if (this.#directory === undefined) return;
    const folders = await readdir(this.#directory).catch(() => []);
    for (const name of folders) {
      const path = join(this.#directory, name);
      if (path === this.#own?.path) continue;
      const lock = lockFolder(path);
      if (lock === undefined) continue;
      try {
        await this.#sweepFolder(path);
        await rmdir(path).catch(() => {});
      } finally {
        closeSync(lock);
      }
    }
  }

  async #sweepFolder(path: string): Promise<void> {
    for (const name of await recordsIn(path)) {
      const file = join(path, name);
      const { record, modifiedMs = 0 } = (await readRecord(file)) ?? {};
      const ageMs = Math.max(0, Date.now() - modifiedMs);
      const isKept = record?.keepAs !== undefined && ageMs < KEPT_STAGE_TTL_MS;
      const own = isKept ? this.#ownFolder() : undefined;
      if (own !== undefined) {
        await rename(file, join(own, name));
        this.#expire(name, KEPT_STAGE_TTL_MS - ageMs);
        continue;
      }
      if (record !== undefined) await removeStaged(placeOf(record)).catch(() => {});
      await rm(file, { force: true });
    }
  }

  #expire(name: string, inMs: number): void {
    this.#expiries.get(name)?.cancel();
    if (this.#state === "closed") return;
    const remove = async (): Promise<void> => {
      this.#expiries.delete(name);
      if (this.#own === undefined) return;
      const file = join(this.#own.path, name);
      const record = (await readRecord(file))?.record;
      if (record !== undefined) await removeStaged(placeOf(record)).catch(() => {});
      await rm(file, { force: true });
    };
    this.#expiries.set(
      name,
      this.#clock.after(inMs, () => void remove().catch(() => {})),
    );
  }

  /** Undefined where none can be made: then nothing is recorded. */
  #ownFolder(): string | undefined {
    if (this.#own !== undefined || this.#directory === undefined || this.#state === "closed") return this.#own?.path;
    try {
      mkdirSync(this.#directory, { recursive: true, mode: FOLDER_MODE });
      const path = join(this.#directory, randomBytes(RANDOM_BYTES).toString("hex"));
      mkdirSync(path, { mode: FOLDER_MODE });
      const lock = lockFolder(path);
      if (lock === undefined) {
        rmdirSync(path);
        return undefined;
      }
      this.#own = { path, lock };
      return path;
    } catch (error) {
      this.#log.debug(`staged folders are not recorded: ${String(error)}`);
      return undefined;
    }
  }
}

function keyOf({
  hostId,
  finalName,
  keepAs,
}: Pick<Record, "hostId" | "finalName"> & { readonly keepAs: string }): string {
  return JSON.stringify([hostId, finalName, keepAs]);
}

function placeOf({ host, hostId, name, id }: Record): StagedPlace {
  return { host: Buffer.from(host, "base64"), hostId, name: Buffer.from(name, "base64"), id };
}

/** Undefined while another executor holds it, and for what is no folder of this user alone. */
function lockFolder(path: string): number | undefined {
  let fd: number;
  try {
    fd = openSync(path, FOLDER_FLAGS);
  } catch {
    return undefined;
  }
  if (tryLock(fd) && isPrivate(fd)) return fd;
  closeSync(fd);
  return undefined;
}

async function recordsIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => RECORD_NAME.test(name));
}

/** Undefined for what no executor wrote: whoever may write there must not have another folder removed, or wait for ever. */
async function readRecord(path: string): Promise<{ readonly record: Record; readonly modifiedMs: number } | undefined> {
  try {
    await using file = await open(path, RECORD_FLAGS);
    const stats = await file.stat();
    if (!stats.isFile() || stats.size > RECORD_MAX_BYTES) return undefined;
    const told = JSON.parse(await file.readFile("utf8")) as Partial<globalThis.Record<keyof Record, unknown>>;
    const { host, hostId, name, id, finalName, keepAs } = told;
    const texts = [host, hostId, name, id, finalName];
    if (!texts.every((each) => typeof each === "string")) return undefined;
    if (keepAs !== undefined && typeof keepAs !== "string") return undefined;
    const record = told as Record;
    return isFreshName(placeOf(record).name) ? { record, modifiedMs: stats.mtimeMs } : undefined;
  } catch {
    return undefined;
  }
}

/** One that was removed before it was locked is nobody's. */
function isPrivate(fd: number): boolean {
  const { uid, mode, nlink } = fstatSync(fd);
  return uid === process.geteuid?.() && (mode & 0o077) === 0 && nlink > 0;
}
