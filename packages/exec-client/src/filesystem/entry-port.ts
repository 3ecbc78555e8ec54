import type { PathUri } from "@holdfast/path-uri";
import type { FileSystemSandboxContext } from "@holdfast/permission-profile";
import type { FileAttributes, FileStats } from "./types.ts";

/** A file operation, as errors name it: `fs.rename`. */
export type MethodName = `fs.${string}`;

/** How to wait for an operation, with whose rights it runs, and what it is called. */
export interface EntryCall {
  readonly method: MethodName;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number | undefined;
  /** As the wire has it; undefined: the rights of the executor. */
  readonly sandbox?: FileSystemSandboxContext;
}

/** What can be done to names in folders, beside `fs/*`: by the executor itself, or by commands that run there. */
export interface EntryPort {
  stat(path: PathUri, options: { readonly followSymlinks: boolean }, call: EntryCall): Promise<FileStats>;
  readLink(path: PathUri, call: EntryCall): Promise<Uint8Array<ArrayBuffer>>;
  symlink(target: Uint8Array, path: PathUri, call: EntryCall): Promise<void>;
  link(existing: PathUri, path: PathUri, call: EntryCall): Promise<void>;
  rename(
    source: PathUri,
    destination: PathUri,
    options: { readonly noReplace: boolean },
    call: EntryCall,
  ): Promise<void>;
  setAttributes(
    path: PathUri,
    attributes: FileAttributes,
    options: { readonly followSymlinks: boolean },
    call: EntryCall,
  ): Promise<void>;
  /** At most a block at a time. */
  append(path: PathUri, data: Uint8Array, call: EntryCall): Promise<void>;
  makeTemporaryFolder(folder: PathUri, prefix: string, call: EntryCall): Promise<PathUri>;
}
