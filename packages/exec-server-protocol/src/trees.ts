/*
 * What both ends need for whole folders, without the messages: light enough for a thread that is started for them.
 */
export { ARCHIVE_BLOCK_BYTES, ARCHIVE_WINDOW_BYTES, TREE_ENTRIES_MAX, TREE_NAMES_MAX_BYTES } from "./limits.ts";
export { isTreeName, treeNameBytes, treeNameOf } from "./tree-names.ts";
