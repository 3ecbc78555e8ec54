import { invalidInput } from "./fault.ts";
import { MAX_WALK_DEPTH, MAX_WALK_DIRECTORIES, MAX_WALK_ENTRIES } from "./limits.ts";

/** What to walk, and how far. */
export interface WalkOptions {
  /** Levels of directories entered below the root; 0 lists only the root's children. At most 64. */
  readonly maxDepth: number;
  /** Directories entered, the root included; 1 to 10,000. */
  readonly maxDirectories: number;
  /** Directory entries examined, listed or not; 1 to 50,000. */
  readonly maxEntries: number;
  /** True lists and enters links to directories; links to files are never listed. */
  readonly followDirectorySymlinks: boolean;
  /** True lists directories whose name begins with a dot, but does not enter them. Default false. */
  readonly pruneHiddenDirectories?: boolean;
  /** True lists every link that is not followed, whatever it leads to. Default false. */
  readonly listSymlinks?: boolean;
}

/** @throws FileSystemFault `invalid-input` - a limit is zero or above its maximum. */
export function checkWalkOptions(options: WalkOptions): void {
  if (options.maxDirectories < 1 || options.maxEntries < 1 || options.maxDepth < 0) {
    throw invalidInput("filesystem walk limits must be greater than zero");
  }
  const isWithinMaximums =
    options.maxDepth <= MAX_WALK_DEPTH &&
    options.maxDirectories <= MAX_WALK_DIRECTORIES &&
    options.maxEntries <= MAX_WALK_ENTRIES;
  if (isWithinMaximums) return;
  throw invalidInput(
    `filesystem walk limits exceed maximums: depth=${MAX_WALK_DEPTH}, directories=${MAX_WALK_DIRECTORIES}, entries=${MAX_WALK_ENTRIES}`,
  );
}
