/*
 * For programs beside the executor that write where others may write too: folders held open, so that swapping a link into
 * a path changes nothing. Loads nothing else of this package.
 */

export { fileContent } from "./content.ts";
export { joinPath, splitPath } from "./native-path.ts";
export { isSameFile, type OsCalls, systemCalls } from "./os-calls.ts";
export { type PinnedDirectory, pinDirectory } from "./pinned-parent.ts";
export { removeTree } from "./remove-tree.ts";
export { overwriteInPlace } from "./write-in-place.ts";
