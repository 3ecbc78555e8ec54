import { type BigIntStats, constants, existsSync } from "node:fs";
import { osFault } from "./fault.ts";
import { isDotDot, joinPath, pathNames, ROOT, splitPath } from "./native-path.ts";
import type { OsCalls } from "./os-calls.ts";

/** Linux: a descriptor that only names a place, which needs no read permission there. Node does not list it. */
const O_PATH = 0o10000000;

/**
 * Can names be looked up relative to a descriptor? On Linux `/proc/self/fd/N/name` does what `openat(2)` would do, for
 * every call that takes a path.
 */
const canPin = process.platform === "linux" && existsSync("/proc/self/fd");

/** A path that names an open descriptor for any call; `undefined` where the platform has none. */
export function descriptorPath(fd: number): Buffer | undefined {
  return canPin ? Buffer.from(`/proc/self/fd/${fd}`) : undefined;
}

/** Whether what is held can be reached by its descriptor alone, even if its names change. */
export function canHoldPlaces(): boolean {
  return canPin;
}

/** A directory held open, so that swapping a link into its path changes nothing for what follows. */
export interface PinnedDirectory {
  /** Names the held directory for any call. */
  readonly path: Buffer;
  close(): Promise<void>;
}

/** A place in a held directory. */
export interface PinnedEntry {
  /** The entry, by way of its held parent. */
  readonly path: Buffer;
  readonly parent: Buffer;
  close(): Promise<void>;
}

function unpinned(path: Buffer): PinnedDirectory {
  return { path, close: async () => {} };
}

/**
 * Hold a directory. Links on the way are followed, except a link in the last place when `noFollow` is set
 * (`ENOTDIR`). Where the platform can not hold a directory, the plain path is answered.
 */
export async function pinDirectory(
  calls: OsCalls,
  path: Buffer,
  options: { noFollow: boolean },
): Promise<PinnedDirectory> {
  const noFollow = options.noFollow ? constants.O_NOFOLLOW : 0;
  if (!canPin) {
    const stats = options.noFollow ? await calls.lstat(path) : await calls.stat(path);
    if (!stats.isDirectory()) throw osFault("ENOTDIR");
    return unpinned(path);
  }
  const fd = await calls.open(path, O_PATH | constants.O_DIRECTORY | noFollow);
  return { path: Buffer.from(`/proc/self/fd/${fd}`), close: () => calls.close(fd) };
}

/** A file, folder or link that is held, so that several calls reach the same one. */
export interface HeldEntry {
  /** Leads any call to it. */
  readonly path: Buffer;
  /** It is a name that links are followed from: where it is to be a link itself, only calls that follow none will do. */
  readonly isByName: boolean;
  stats(): Promise<BigIntStats>;
  close(): Promise<void>;
}

/** Hold what a path leads to; with `noFollow` a link itself. Where the platform can not, its name stands for it. */
export async function holdEntry(
  calls: OsCalls,
  path: Buffer,
  options: { readonly noFollow: boolean },
): Promise<HeldEntry> {
  if (!canPin) {
    const look = () => (options.noFollow ? calls.lstat(path) : calls.stat(path));
    return { path, isByName: options.noFollow, stats: look, close: async () => {} };
  }
  const fd = await calls.open(path, O_PATH | (options.noFollow ? constants.O_NOFOLLOW : 0));
  const held = { path: Buffer.from(`/proc/self/fd/${fd}`), isByName: false };
  return { ...held, stats: () => calls.fstat(fd), close: () => calls.close(fd) };
}

/** The canonical path of a held directory, as it is at this moment. */
export function pinnedPath(calls: OsCalls, pinned: PinnedDirectory): Promise<Buffer> {
  return canPin ? calls.readlink(pinned.path) : calls.realpath(pinned.path);
}

/**
 * Hold the parent of `path`, refusing links above the last name: component by component, each looked up in the
 * directory held before it. A link in the middle is `ENOTDIR`, as for any other thing that is not a directory.
 * The last name is not looked at.
 */
export async function pinParentWithoutLinks(calls: OsCalls, path: Buffer): Promise<PinnedEntry> {
  const { parent, name } = splitPath(path);
  const held = await descendWithoutLinks(calls, pathNames(parent));
  return { path: joinPath(held.path, name), parent: held.path, close: () => held.close() };
}

/**
 * Go down from the root, one held directory after the other.
 *
 * @param before - Called with each entry before it is stepped into.
 */
export async function descendWithoutLinks(
  calls: OsCalls,
  names: readonly Buffer[],
  before?: (entry: Buffer) => Promise<void>,
): Promise<PinnedDirectory> {
  return descendFrom(calls, await pinDirectory(calls, ROOT, { noFollow: true }), names, before);
}

/** Go down from a held directory, which stays the caller's, without links. The names hold no dot segments. */
export async function descendBelow(
  calls: OsCalls,
  base: PinnedDirectory,
  names: readonly Buffer[],
): Promise<PinnedDirectory> {
  return descendFrom(calls, await pinDirectory(calls, base.path, { noFollow: false }), names);
}

async function descendFrom(
  calls: OsCalls,
  start: PinnedDirectory,
  names: readonly Buffer[],
  before?: (entry: Buffer) => Promise<void>,
): Promise<PinnedDirectory> {
  let held = start;
  for (const name of names) {
    const parent = held;
    try {
      const entry = joinPath(parent.path, name);
      await before?.(entry);
      held = await pinDirectory(calls, entry, { noFollow: !isDotDot(name) });
    } finally {
      await parent.close();
    }
  }
  return held;
}
