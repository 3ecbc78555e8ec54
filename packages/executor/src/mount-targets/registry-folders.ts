import { randomBytes } from "node:crypto";
import { closeSync, constants, fstatSync, mkdirSync, openSync, readdirSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { tryLock } from "../platform/file-lock.ts";
import { temporaryFolder } from "../platform/machine-folders.ts";

const FLAGS = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const RANDOM_BYTES = 12;
/** Others may come up with folders of their own meanwhile; each of them does so once. */
const MAX_ROUNDS = 8;

/**
 * Where a user's executors may keep what they tell each other, best first. Confined commands get a `/dev` of their own, so
 * what lies in `/dev/shm` is out of their view at no cost.
 *
 * The temporary folder is that of this process, regardless of the environment that an executor in it was given: its guardian looks there, too.
 */
export function registryPlaces(): readonly string[] {
  return ["/dev/shm", `/run/user/${ownUid()}`, temporaryFolder({})];
}

/** What the names of all folders begin with that {@link RegistryFolders} of a user makes; a random word follows. */
export function registryPrefix(): string {
  return `holdfast-targets-${ownUid()}-`;
}

function ownUid(): number {
  return process.geteuid?.() ?? 0;
}

/** No other user can keep these folders from being made or found: they are known by their owner, not by their name. */
export class RegistryFolders {
  readonly #places: readonly string[];
  #last: readonly string[] | undefined;

  constructor(places: readonly string[]) {
    this.#places = places;
  }

  /** Paths of the folders that are there, of which there is one as a rule; made where there is none. Empty: none can be made. */
  paths(): readonly string[] {
    const found = this.#find();
    if (found.length > 0) return found;
    return this.#make() === undefined ? this.#find() : [];
  }

  /**
   * Run with every other executor of the user kept out.
   *
   * Two executors may have made a folder each at the same time. So all that are there are locked, in an order that
   * all processes keep, and looked for again: a process that made one later sees the earlier one.
   *
   * @param act - Gets one path for each, that leads there even if its name changes. Must not be asynchronous.
   * @returns what `act` returns, or `undefined` when a lock is held right now.
   * @throws Error with the reason when there is no folder and none can be made.
   */
  tryLocked<T>(act: (folders: readonly string[]) => T): { readonly value: T } | undefined {
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      // Whether it still is what there is, is looked at under the lock.
      const candidates = this.#last ?? this.#candidates();
      const opened: number[] = [];
      try {
        for (const path of candidates) {
          const fd = openOwn(path);
          if (fd === undefined) continue;
          opened.push(fd);
          if (!tryLock(fd)) return undefined;
        }
        if (!isEqual(this.#candidates(), candidates)) continue;
        if (opened.length === 0) {
          const reason = this.#make();
          if (reason !== undefined) throw new Error(reason);
          continue;
        }
        return { value: act(opened.map((fd) => `/proc/self/fd/${fd}`)) };
      } finally {
        for (const fd of opened) closeSync(fd);
      }
    }
    return undefined;
  }

  #find(): readonly string[] {
    return this.#candidates().filter(isOwn);
  }

  /** What is called like a folder of ours, of any owner, in the order in which all processes lock. */
  #candidates(): readonly string[] {
    this.#last = this.#places.flatMap((place) => namesIn(place).map((name) => join(place, name))).sort();
    return this.#last;
  }

  /** @returns why none could be made. */
  #make(): string | undefined {
    const name = `${registryPrefix()}${randomBytes(RANDOM_BYTES).toString("hex")}`;
    const reasons: string[] = [];
    for (const place of this.#places) {
      try {
        mkdirSync(join(realpathSync.native(place), name), { mode: 0o700 });
        return undefined;
      } catch (thrown) {
        reasons.push(thrown instanceof Error ? thrown.message : String(thrown));
      }
    }
    return `no private folder can be made: ${reasons.join("; ")}`;
  }
}

function isOwn(path: string): boolean {
  const fd = openOwn(path);
  if (fd !== undefined) closeSync(fd);
  return fd !== undefined;
}

/** A folder that belongs to this user alone. */
function openOwn(path: string): number | undefined {
  let fd: number;
  try {
    fd = openSync(path, FLAGS);
  } catch {
    return undefined;
  }
  const { uid, mode } = fstatSync(fd);
  if (uid === ownUid() && (mode & 0o077) === 0) return fd;
  closeSync(fd);
  return undefined;
}

interface Listing {
  readonly changedMs: number;
  readonly names: readonly string[];
}

/** How long a place must have stayed as it is: file systems tell its change by a clock that ticks every few milliseconds. */
const SETTLED_MS = 1_000;
const listings = new Map<string, Listing>();

/** Of our names. A shared folder can be large, and is asked for with every launch: it is read again only when it has changed. */
function namesIn(place: string): readonly string[] {
  try {
    const stats = statSync(place, { throwIfNoEntry: false });
    if (stats === undefined) return [];
    const { mtimeMs } = stats;
    const known = listings.get(place);
    if (known?.changedMs === mtimeMs) return known.names;
    const prefix = registryPrefix();
    const names = readdirSync(place).filter((name) => name.startsWith(prefix));
    listings.delete(place);
    if (Date.now() - mtimeMs > SETTLED_MS) listings.set(place, { changedMs: mtimeMs, names });
    return names;
  } catch {
    return [];
  }
}

function isEqual(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((each, index) => each === right[index]);
}
