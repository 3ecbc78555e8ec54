import {
  type Attributes,
  appendFile,
  type EntryStats,
  makeHardLink,
  makeSymbolicLink,
  makeTemporaryFolder,
  type ProtectedPaths,
  type RenameOptions,
  readLink,
  rename,
  setAttributes,
  statEntry,
  type WriteNewOptions,
  writeNew,
} from "../filesystem/index.ts";

interface Links {
  readonly followSymlinks: boolean;
}

/** What an extension adds to {@link FileOperations}, by the same rules. */
export interface EntryOperations {
  statEntry(path: Buffer, options: Links): Promise<EntryStats>;
  readLink(path: Buffer): Promise<Buffer>;
  makeSymbolicLink(path: Buffer, target: Buffer): Promise<void>;
  makeHardLink(path: Buffer, existing: Buffer): Promise<void>;
  rename(source: Buffer, destination: Buffer, places: ProtectedPaths, options: RenameOptions): Promise<void>;
  setAttributes(path: Buffer, attributes: Attributes, options: Links): Promise<void>;
  appendFile(path: Buffer, data: Buffer): Promise<void>;
  writeNew(path: Buffer, data: Buffer, options: WriteNewOptions): Promise<void>;
  makeTemporaryFolder(folder: Buffer, prefix: string): Promise<Buffer>;
}

/** Operations of this process itself. */
export const directEntryOperations: EntryOperations = {
  statEntry: (path, options) => statEntry(path, options),
  readLink: (path) => readLink(path),
  makeSymbolicLink: (path, target) => makeSymbolicLink(path, target),
  makeHardLink: (path, existing) => makeHardLink(path, existing),
  rename: (source, destination, places, options) => rename(source, destination, places, options),
  setAttributes: (path, attributes, options) => setAttributes(path, attributes, options),
  appendFile: (path, data) => appendFile(path, data),
  writeNew: (path, data, options) => writeNew(path, data, options),
  makeTemporaryFolder: (folder, prefix) => makeTemporaryFolder(folder, prefix),
};
