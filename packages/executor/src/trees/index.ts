export type { FileRange } from "./digest-held.ts";
export { BLOCKS_READ_AHEAD, SENT_AHEAD_MAX_BYTES } from "./limits.ts";
export type { TreePage } from "./list-held.ts";
export type { PackedBlock } from "./pack-archive.ts";
export type { TreeFilterOptions } from "./tree-filter.ts";
export type { SharedFolder } from "./tree-messages.ts";
export { type TreeLease, TreeThreads } from "./tree-threads.ts";
export type { Unpacked } from "./unpack-archive.ts";
export type { UnpackedFolder } from "./unpacked-folders.ts";
