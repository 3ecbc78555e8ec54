export { appendFile } from "./append-file.ts";
export { canonicalize } from "./canonicalize.ts";
export { type CopyOptions, copy } from "./copy.ts";
export { type CreateDirectoryOptions, createDirectory } from "./create-directory.ts";
export { type EntryKind, kindOf } from "./entry-kind.ts";
export { errnoOf, type FaultKind, FileSystemFault, osFault, toFault, withFaults } from "./fault.ts";
export type { FileBlock } from "./file-handle.ts";
export { type FileHandleMode, FileHandles, type OpenedFile, openFile } from "./file-handles.ts";
export type { LinkOptions } from "./held-place.ts";
export { guardedWithin, holdFolder, holdPlainFolder } from "./hold-folder.ts";
export {
  MAX_BLOCK_BYTES,
  MAX_FILE_HANDLES,
  MAX_READ_FILE_BYTES,
  MAX_STAGED,
  MAX_WALK_DEPTH,
  MAX_WALK_DIRECTORIES,
  MAX_WALK_ENTRIES,
  MAX_WALK_RESPONSE_BYTES,
  PATH_MAX_BYTES,
} from "./limits.ts";
export { makeHardLink, makeSymbolicLink, readLink } from "./links.ts";
export { getMetadata, type Metadata, type MetadataOptions } from "./metadata.ts";
export { OperationOrder } from "./operation-order.ts";
export { type OsCalls, systemCalls } from "./os-calls.ts";
export { canHoldPlaces, type PinnedDirectory } from "./pinned-parent.ts";
export { type GuardedPath, guardedPaths, type ProtectedPaths, refusalToRemove } from "./protected-paths.ts";
export { type DirectoryEntry, readDirectory } from "./read-directory.ts";
export { type ReadFileOptions, readFile } from "./read-file.ts";
export { type RemoveOptions, remove } from "./remove.ts";
export { type RenameOptions, rename } from "./rename.ts";
export { type Attributes, setAttributes } from "./set-attributes.ts";
export { type Placement, StagedFile } from "./staged-file.ts";
export {
  type FolderMode,
  type FolderPlacement,
  type StagedEntry,
  StagedFolder,
  type StagedFolderHelp,
} from "./staged-folder.ts";
export { removeStaged, type StagedPlace, type StageKeeper } from "./staged-place.ts";
export type { StagingProblem } from "./staging-problems.ts";
export { type EntryStats, statEntry } from "./stat-entry.ts";
export { makeTemporaryFolder } from "./temporary-folder.ts";
export { type UriSpelling, uriNaming } from "./uri-naming.ts";
export { walk } from "./walk.ts";
export { type ListedEntry, listDirectory } from "./walk-listing.ts";
export type { WalkOptions } from "./walk-options.ts";
export { nativeNaming, type PathNaming, type WalkEntry, type WalkError, type WalkResult } from "./walk-report.ts";
export { isFreshName } from "./write-aside.ts";
export { type WriteFileOptions, writeFile } from "./write-file.ts";
export { type WriteNewOptions, writeNew } from "./write-new.ts";
