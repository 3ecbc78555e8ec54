import type { BigIntStats } from "node:fs";
import { errnoOf, FileSystemFault, invalidInput, withFaults } from "./fault.ts";
import { checkedPath, isDot, isDotDot, joinPath, splitPath } from "./native-path.ts";
import { type OsCalls, systemCalls } from "./os-calls.ts";
import { type PinnedDirectory, pinDirectory, pinnedPath, pinParentWithoutLinks } from "./pinned-parent.ts";
import {
  type ProtectedPaths,
  refusalToRemove,
  refusalToRemoveDirectory,
  resolveGuardedPaths,
} from "./protected-paths.ts";
import { removeTree } from "./remove-tree.ts";

/** How to remove a path. */
export interface RemoveOptions {
  /** Default true: a directory goes with everything in it. */
  readonly recursive?: boolean;
  /** Default true: a missing path is fine. Forgives nothing else. */
  readonly force?: boolean;
  /** Default true. False refuses a link anywhere in the path, and works with `recursive: false` only. */
  readonly followSymlinks?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Remove a file, a link (never its target) or a directory.
 *
 * Refused with any options: a file system root, the home and everything above it, everything above the
 * executor's working directory; also when spelled through dot segments, duplicate slashes or linked parents. The
 * parent is held open from the check to the removal, so that no link can be swapped in between.
 *
 * @throws FileSystemFault `invalid-input` - a protected place, or a link without `followSymlinks`.
 * @throws FileSystemFault `not-found` - missing, without `force`.
 * @throws FileSystemFault `other` - `Directory not empty`, without `recursive`.
 */
export function remove(
  path: Buffer,
  options: RemoveOptions,
  places: ProtectedPaths,
  calls: OsCalls = systemCalls,
): Promise<void> {
  const { recursive = true, force = true, followSymlinks = true, signal } = options;
  return withFaults(async () => {
    const checked = checkedPath(path);
    const guarded = await resolveGuardedPaths(calls, places);
    refuse(refusalToRemove(checked, guarded));
    if (!followSymlinks && recursive) {
      throw new FileSystemFault("other", "recursive no-follow removal is unsupported");
    }
    try {
      const parent = await holdParent(calls, checked, followSymlinks);
      try {
        await removeEntry(calls, parent, { recursive, followSymlinks, signal }, guarded);
      } finally {
        await parent.held.close();
      }
    } catch (thrown) {
      if (!force || errnoOf(thrown) !== "ENOENT") throw thrown;
    }
  }, signal);
}

interface HeldParent {
  readonly held: PinnedDirectory;
  readonly name: Buffer;
}

async function holdParent(calls: OsCalls, path: Buffer, followSymlinks: boolean): Promise<HeldParent> {
  let { parent, name } = splitPath(path);
  if (isDot(name) || isDotDot(name)) {
    // The system would take these for another name of a directory that has a proper one.
    const proper = await calls.realpath(path);
    refuse(refusalToRemove(proper, []));
    ({ parent, name } = splitPath(proper));
  }
  if (followSymlinks) return { held: await pinDirectory(calls, parent, { noFollow: false }), name };
  const entry = await pinParentWithoutLinks(calls, joinPath(parent, name));
  return { held: { path: entry.parent, close: () => entry.close() }, name };
}

async function removeEntry(
  calls: OsCalls,
  parent: HeldParent,
  options: { recursive: boolean; followSymlinks: boolean; signal: AbortSignal | undefined },
  guarded: Awaited<ReturnType<typeof resolveGuardedPaths>>,
): Promise<void> {
  const entry = joinPath(parent.held.path, parent.name);
  const stats = await calls.lstat(entry);
  if (!options.followSymlinks && stats.isSymbolicLink()) throw invalidInput("path contains a symbolic link");
  const path = joinPath(await pinnedPath(calls, parent.held), parent.name);
  refuse(refusalToRemove(path, guarded));
  if (!stats.isDirectory()) return calls.unlink(entry);
  const allowed = async (found: BigIntStats) => {
    const parentStats = await calls.stat(parent.held.path);
    refuse(await refusalToRemoveDirectory(calls, { path, stats: found, parentStats }, guarded));
  };
  if (options.recursive) return removeTree(calls, entry, { signal: options.signal, allowed });
  await allowed(stats);
  await calls.rmdir(entry);
}

function refuse(reason: string | undefined): void {
  if (reason !== undefined) throw invalidInput(reason);
}
