import { copyEntry } from "./copy-entry.ts";
import { copyTree } from "./copy-tree.ts";
import { invalidInput, withFaults } from "./fault.ts";
import { checkedPath } from "./native-path.ts";
import { type OsCalls, systemCalls } from "./os-calls.ts";

/** How to copy. */
export interface CopyOptions {
  /** Must be true for a directory; means nothing for others. */
  readonly recursive: boolean;
  /** Looked at between files, and between the blocks of one. */
  readonly signal?: AbortSignal;
}

/**
 * Copy a file, a link or a directory.
 *
 * - File: content, which is what reads give until one gives nothing, and permission bits; an existing destination keeps its owner and its hard links, and its old content
 *   when the disk fails. The destination's link is followed, a dangling one's target created. The parent must exist.
 * - A file or link copied onto itself, under any name, is left alone: success.
 * - Link: made anew with the same target text; an existing destination is `File exists`.
 * - Directory: merged into an existing one, missing parents created; files overwrite; FIFOs, sockets and devices are
 *   left out. A failure in the middle leaves what was copied before.
 *
 * @throws FileSystemFault `invalid-input` - a directory without `recursive`, into itself, or a special file.
 * @throws FileSystemFault `not-found`, `permission-denied`, `other` - as the system says.
 */
export function copy(
  source: Buffer,
  destination: Buffer,
  options: CopyOptions,
  calls: OsCalls = systemCalls,
): Promise<void> {
  return withFaults(async () => {
    const from = checkedPath(source);
    const to = checkedPath(destination);
    const stats = await calls.lstat(from);
    if (!stats.isDirectory()) return copyEntry(calls, from, to, stats, { signal: options.signal, isFresh: false });
    if (!options.recursive) throw invalidInput("fs/copy requires recursive: true when sourcePath is a directory");
    return copyTree(calls, from, to, options.signal);
  }, options.signal);
}
