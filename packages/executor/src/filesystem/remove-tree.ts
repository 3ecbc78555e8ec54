import type { BigIntStats, Dirent } from "node:fs";
import { errnoOf } from "./fault.ts";
import { joinPath } from "./native-path.ts";
import type { OsCalls } from "./os-calls.ts";
import { pinDirectory } from "./pinned-parent.ts";

/** Removals under way at once within one directory. */
const CONCURRENT_REMOVALS = 32;

/** How to remove a tree. */
export interface RemoveTreeOptions {
  readonly signal: AbortSignal | undefined;
  /** Asked with what the held directory really is, before anything in it is removed; throws to refuse. */
  readonly allowed?: (stats: BigIntStats) => Promise<void>;
}

/**
 * Remove a directory with everything in it. Each directory is held open while it is emptied and links are never
 * entered, so that a link swapped in meanwhile leads nowhere. What vanishes by itself is fine.
 */
export async function removeTree(calls: OsCalls, directory: Buffer, options: RemoveTreeOptions): Promise<void> {
  const held = await pinDirectory(calls, directory, { noFollow: true });
  try {
    await options.allowed?.(await calls.stat(held.path));
    const entries = await calls.readdir(held.path);
    for (let start = 0; start < entries.length; start += CONCURRENT_REMOVALS) {
      options.signal?.throwIfAborted();
      await removeAll(calls, held.path, entries.slice(start, start + CONCURRENT_REMOVALS), options.signal);
    }
  } finally {
    await held.close();
  }
  await forgiveMissing(calls.rmdir(directory));
}

async function removeAll(
  calls: OsCalls,
  parent: Buffer,
  entries: readonly Dirent<Buffer>[],
  signal: AbortSignal | undefined,
): Promise<void> {
  // All must settle before the held parent is let go: its number could name another directory by then.
  const files = entries.filter((entry) => !entry.isDirectory());
  const settled = await Promise.allSettled(
    files.map((entry) => forgiveMissing(calls.unlink(joinPath(parent, entry.name)))),
  );
  for (const outcome of settled) if (outcome.status === "rejected") throw outcome.reason;
  // One after the other: every level of the tree holds one descriptor.
  for (const entry of entries) {
    if (entry.isDirectory()) await forgiveMissing(removeTree(calls, joinPath(parent, entry.name), { signal }));
  }
}

async function forgiveMissing(removal: Promise<void>): Promise<void> {
  try {
    await removal;
  } catch (thrown) {
    if (errnoOf(thrown) !== "ENOENT") throw thrown;
  }
}
