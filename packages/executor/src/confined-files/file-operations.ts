import type { PathUri } from "@holdfast/path-uri";
import {
  canonicalize,
  copy,
  createDirectory,
  type DirectoryEntry,
  type FileHandleMode,
  getMetadata,
  type Metadata,
  type OpenedFile,
  openFile,
  type ProtectedPaths,
  type RemoveOptions,
  readDirectory,
  readFile,
  remove,
  type UriSpelling,
  uriNaming,
  type WalkOptions,
  type WalkResult,
  walk,
  writeFile,
} from "../filesystem/index.ts";

import type { RunLineSearch } from "../search/pattern.ts";
import { directEntryOperations, type EntryOperations } from "./entry-operations.ts";
import { directSearchOperations, type GlobCompiler, type SearchOperations } from "./search-operations.ts";

interface Links {
  readonly followSymlinks: boolean;
}

/** What can be done to files, wherever it is done. Paths are native bytes; failures are `FileSystemFault`s. */
export interface FileOperations extends EntryOperations, SearchOperations {
  readFile(path: Buffer, options: Links): Promise<Buffer>;
  writeFile(path: Buffer, data: Buffer, options: Links): Promise<void>;
  createDirectory(path: Buffer, options: Links & { readonly recursive: boolean }): Promise<void>;
  getMetadata(path: Buffer, options: Links): Promise<Metadata>;
  canonicalize(path: Buffer): Promise<Buffer>;
  readDirectory(path: Buffer, options: { readonly danglingLinks: boolean }): Promise<readonly DirectoryEntry[]>;
  copy(
    from: Buffer,
    to: Buffer,
    options: { readonly recursive: boolean; readonly signal?: AbortSignal },
  ): Promise<void>;
  remove(path: Buffer, options: RemoveOptions, places: ProtectedPaths): Promise<void>;
  walk(root: Buffer, options: WalkOptions, signal?: AbortSignal): Promise<WalkResult<PathUri>>;
  /** For `FileHandles`, which make faults of what the system says. */
  open(path: Buffer, mode: FileHandleMode): Promise<OpenedFile>;
}

/**
 * Operations of this process itself.
 *
 * @param paths - Asked for when a walk or a search needs it.
 * @param run - How the lines of a file are searched.
 */
export function directOperations(
  paths: () => Promise<UriSpelling<PathUri> & GlobCompiler>,
  run: RunLineSearch,
): FileOperations {
  return {
    ...directEntryOperations,
    ...directSearchOperations(paths, run),
    readFile: (path, options) => readFile(path, options),
    writeFile: (path, data, options) => writeFile(path, data, options),
    createDirectory: (path, options) => createDirectory(path, options),
    getMetadata: (path, options) => getMetadata(path, options),
    canonicalize: (path) => canonicalize(path),
    readDirectory: (path, options) => readDirectory(path, options),
    copy: (from, to, options) => copy(from, to, options),
    remove: (path, options, places) => remove(path, options, places),
    walk: async (root, options, signal) =>
      walk(root, options, uriNaming(root, await paths()), signal === undefined ? {} : { signal }),
    open: (path, mode) => openFile(path, mode),
  };
}
