import type { BigIntStats, Dirent } from "node:fs";
import { copyEntry } from "./copy-entry.ts";
import { createDirectory } from "./create-directory.ts";
import { errnoOf, invalidInput } from "./fault.ts";
import { COPIES_AT_ONCE } from "./limits.ts";
import { isWithin, joinPath, normalPath, splitPath } from "./native-path.ts";
import { isSameFile, type OsCalls } from "./os-calls.ts";
import { type PinnedDirectory, pinDirectory } from "./pinned-parent.ts";

function intoItself() {
  return invalidInput("fs/copy cannot copy a directory to itself or one of its descendants");
}

/** Copy a directory with everything in it into `to`, created when missing. */
export async function copyTree(
  calls: OsCalls,
  from: Buffer,
  to: Buffer,
  signal: AbortSignal | undefined,
): Promise<void> {
  const [source, destination] = await Promise.all([calls.realpath(from), futurePath(calls, to)]);
  if (isWithin(destination, source)) throw intoItself();
  const isFresh = await makeRoot(calls, to);
  const held = await holdBoth(calls, { from, to, isFresh });
  const root = await calls.stat(held.to.path);
  await copyHeld(calls, held, { signal, root });
}

interface TreeCopy {
  readonly signal: AbortSignal | undefined;
  /** The directory that is copied into: meeting it among the sources would never end. */
  readonly root: BigIntStats;
}

/** A directory and its copy, both held open: swapping links into their paths meanwhile has no effect. */
interface HeldPair {
  readonly from: PinnedDirectory;
  readonly to: PinnedDirectory;
  /** The copy made it: nothing was there before. */
  readonly isFresh: boolean;
}

async function holdBoth(
  calls: OsCalls,
  { from, to, isFresh }: { readonly from: Buffer; readonly to: Buffer; readonly isFresh: boolean },
): Promise<HeldPair> {
  const source = await pinDirectory(calls, from, { noFollow: true });
  try {
    // What was there already may be a link to a directory.
    return { from: source, to: await pinDirectory(calls, to, { noFollow: isFresh }), isFresh };
  } catch (thrown) {
    await source.close();
    throw thrown;
  }
}

async function closeBoth({ from, to }: HeldPair): Promise<void> {
  await from.close();
  await to.close();
}

/** Lets go of both directories, however it ends. */
async function copyHeld(calls: OsCalls, held: HeldPair, copy: TreeCopy): Promise<void> {
  let isHeld = true;
  try {
    const entries = await calls.readdir(held.from.path);
    const files = entries.filter((entry) => entry.isFile() || entry.isSymbolicLink());
    await copyFiles(calls, files, held, copy.signal);
    const folders = entries.filter((entry) => entry.isDirectory());
    for (const [index, { name }] of folders.entries()) {
      copy.signal?.throwIfAborted();
      const inside = await enter(calls, held, name, copy.root);
      if (index === folders.length - 1) {
        // Before the last one is entered: a chain of folders takes no more descriptors than one of them.
        isHeld = false;
        await closeBoth(held);
      }
      await copyHeld(calls, inside, copy);
    }
  } finally {
    if (isHeld) await closeBoth(held);
  }
}

/** Some at a time: each waits for one call after the other, and others want to use the threads as well. */
async function copyFiles(
  calls: OsCalls,
  files: readonly Dirent<Buffer>[],
  { from, to, isFresh }: HeldPair,
  signal: AbortSignal | undefined,
): Promise<void> {
  const waiting = files.values();
  let isFailing = false;
  const work = async (): Promise<void> => {
    for (const entry of waiting) {
      if (isFailing) return;
      try {
        signal?.throwIfAborted();
        const source = joinPath(from.path, entry.name);
        await copyEntry(calls, source, joinPath(to.path, entry.name), entry, { signal, isFresh });
      } catch (thrown) {
        isFailing = true;
        throw thrown;
      }
    }
  };
  // All must settle before the held directories are let go: their numbers could name others by then.
  const workers = await Promise.allSettled(Array.from({ length: Math.min(COPIES_AT_ONCE, files.length) }, work));
  for (const worker of workers) if (worker.status === "rejected") throw worker.reason;
}

async function enter(calls: OsCalls, held: HeldPair, name: Buffer, root: BigIntStats): Promise<HeldPair> {
  const from = joinPath(held.from.path, name);
  const to = joinPath(held.to.path, name);
  if (isSameFile(await calls.lstat(from), root)) throw intoItself();
  return holdBoth(calls, { from, to, isFresh: await makeDirectory(calls, to) });
}

/** False when it is there already. Missing parents are created. */
async function makeRoot(calls: OsCalls, path: Buffer): Promise<boolean> {
  try {
    return await makeDirectory(calls, path);
  } catch (thrown) {
    if (errnoOf(thrown) !== "ENOENT") throw thrown;
    await createDirectory(splitPath(path).parent, {}, calls);
    return makeDirectory(calls, path);
  }
}

/** False when there is one already. */
async function makeDirectory(calls: OsCalls, path: Buffer): Promise<boolean> {
  try {
    await calls.mkdir(path);
    return true;
  } catch (thrown) {
    const isThere = await calls.stat(path).then(
      (stats) => stats.isDirectory(),
      () => false,
    );
    if (isThere) return false;
    throw thrown;
  }
}

/** The canonical path that `path` will have once it exists. */
async function futurePath(calls: OsCalls, path: Buffer): Promise<Buffer> {
  try {
    return await calls.realpath(path);
  } catch (thrown) {
    if (errnoOf(thrown) !== "ENOENT") throw thrown;
    const { parent, name } = splitPath(path);
    return normalPath(joinPath(await futurePath(calls, parent), name));
  }
}
