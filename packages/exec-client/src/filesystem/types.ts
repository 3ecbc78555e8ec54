import type { HoldfastEntryKind } from "@holdfast/exec-server-protocol";
import type { PathUri } from "@holdfast/path-uri";
import type { Sandbox } from "../sandbox/sandbox.ts";

/** How to wait for one file operation, and with whose rights it runs. */
export interface FileCallOptions {
  /** Give up waiting: rejects with `AbortError` or `TimeoutError`, delivery `unknown`. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds to wait for the answer; no limit when absent. */
  readonly timeoutMs?: number | undefined;
  /** How this operation is confined; relative paths in it start at the executor's working folder. Default: not at all. */
  readonly sandbox?: Sandbox | null | undefined;
}

/** For operations that may refuse symbolic links. */
export interface LinkedFileCallOptions extends FileCallOptions {
  /** False: refuse any link on the way. Default true. Ignored by executors before 0.150. */
  readonly followSymlinks?: boolean | undefined;
}

/** Which links in the path of something new may lead to its place. */
export interface PlaceOptions {
  /**
   * Names at the end of the path that may be no links: 1, the last, also one that is put there meanwhile; 2, that of the
   * folder it is in as well. `FileTransferError` `not-placed` where one is. Default 0: links are followed when it begins. On
   * executors without `sh` they are only looked at before it begins and before it is put in place.
   */
  readonly noFollowNames?: number | undefined;
}

/** How to write a file as a stream. */
export interface WriteStreamOptions extends PlaceOptions {
  /** Errors the stream with `AbortError` or `TimeoutError`, whose `cause` is the reason, and removes what was written. */
  readonly signal?: AbortSignal | undefined;
  /** Permission bits for the file, such as `0o755`. Default: those of the file it replaces, or what new files have there. */
  readonly mode?: number | undefined;
  /**
   * `wx`: refuse where something has the name, looked at when the file is put in place. Default `w`: replace. With `noFollowNames` it needs
   * the capabilities `holdfastFiles` and `holdfastStaging`, else `UnsupportedError`.
   */
  readonly flag?: "w" | "wx" | undefined;
  /** Called at the end when the executor has no way to set `mode`. The file is in place all the same. */
  readonly onModeRefused?: (() => void) | undefined;
  /** How it is confined; default: not at all. When it is, the file is written in place, from its start, and without `noFollowNames`. */
  readonly sandbox?: Sandbox | null | undefined;
}

export interface FileMetadata {
  /** Kind, size and times are those of the target of a link. */
  readonly isDirectory: boolean;
  readonly isFile: boolean;
  /** The path itself is a link. */
  readonly isSymlink: boolean;
  /** Bytes. */
  readonly size: number;
  /** Unix milliseconds; 0 when the executor's system does not know. */
  readonly createdAtMs: number;
  /** Unix milliseconds; 0 when the executor's system does not know. */
  readonly modifiedAtMs: number;
}

/** What has a name in a folder. */
export type EntryKind = HoldfastEntryKind;

/** What the executor's system knows about a name. */
export interface FileStats extends FileMetadata {
  /** Of what was looked at: `lstat` looks at a link itself, `stat` at what it leads to. */
  readonly kind: EntryKind;
  /** Permission bits with set-user-ID, set-group-ID and sticky: at most 0o7777. */
  readonly mode: number;
  /** Number of the owner. */
  readonly uid: number;
  /** Number of the group. */
  readonly gid: number;
  /** Names of the same file. */
  readonly linkCount: number;
  /** Number of the file on its device, in decimal: it may have more than 53 bits. */
  readonly inode: string;
  /** Number of the device, in decimal. */
  readonly device: string;
  /** Unix milliseconds; so are all times. */
  readonly accessedAtMs: number;
  /** Of the last change of content or attributes. */
  readonly changedAtMs: number;
  /** From `lstat` of a link: what it says, as text; bytes that are no UTF-8 become U+FFFD (see `readlink`). */
  readonly linkTarget: string | undefined;
  /** From `lstat` of a link: what it leads to; undefined: nothing is there. */
  readonly linkTargetKind: EntryKind | undefined;
}

/** Content for a file: in memory, or to be read from a stream. Chunks are bytes, or text for UTF-8. */
export type FileData =
  | string
  | Uint8Array
  | ArrayBuffer
  | Blob
  | ReadableStream<Uint8Array | string>
  | AsyncIterable<Uint8Array | string>;

/** How to write a whole file. */
export interface WriteFileOptions extends LinkedFileCallOptions {
  /** Permission bits that the file has afterwards, such as `0o755`. Default: those of the file it replaces, or of new files. */
  readonly mode?: number | undefined;
  /** `w`: create or replace. `wx`: only create; `EEXIST` where something has the name, also a link that leads nowhere. Default `w`. */
  readonly flag?: "w" | "wx" | undefined;
}

/** What to set; members that are left out stay. */
export interface FileAttributes {
  /** Permission bits, up to 0o7777. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Bytes. */
  readonly size?: number;
  /** Unix milliseconds. */
  readonly accessedAtMs?: number;
  readonly modifiedAtMs?: number;
}

/** A name in a folder; links are classified by their target. */
export interface DirectoryEntry {
  readonly name: string;
  readonly isDirectory: boolean;
  readonly isFile: boolean;
}

export interface RemoveOptions extends LinkedFileCallOptions {
  /** Remove a folder with everything in it. Default false. */
  readonly recursive?: boolean | undefined;
  /** Accept that there is nothing to remove. Default false. */
  readonly force?: boolean | undefined;
}

/** How to rename. */
export interface RenameOptions extends FileCallOptions {
  /**
   * Refuse where something has the new name, whatever it is: `FileError` `EEXIST`. Default false. Needs the capability `holdfastNoReplace`, or a
   * Linux whose commands can do it, else `UnsupportedError`.
   */
  readonly noReplace?: boolean | undefined;
}

/** Bounds of a walk. */
export interface WalkOptions extends FileCallOptions {
  /** 0: only what lies in the root itself. At most 64. Default 64. */
  readonly maxDepth?: number | undefined;
  /** Folders to list, the root included: 1 to 10,000. Default 10,000. */
  readonly maxDirectories?: number | undefined;
  /** Entries to look at: 1 to 50,000. Default 50,000. */
  readonly maxEntries?: number | undefined;
  /** Enter links to folders. Default false. */
  readonly followDirectorySymlinks?: boolean | undefined;
  /** List folders whose name starts with a dot, but do not enter them. Default false. */
  readonly pruneHiddenDirectories?: boolean | undefined;
  /**
   * List symbolic links that are not followed, as `symlink`: otherwise they are left out. Default false. Needs an executor with
   * `holdfastFiles`, else `UnsupportedError`.
   */
  readonly includeSymlinks?: boolean | undefined;
  /** How paths are told: as `file:` URIs, which can carry any bytes, or as the executor's system writes them. Default `uri`. */
  readonly paths?: "uri" | "native" | undefined;
}

/** @typeParam Path - `PathUri`, or text for `paths: "native"`. */
export interface WalkResult<Path extends string = PathUri> {
  /** Breadth first, sorted by name inside a folder. */
  readonly entries: readonly { readonly path: Path; readonly kind: "file" | "directory" | "symlink" }[];
  /** What could not be read; the walk went on. */
  readonly errors: readonly { readonly path: Path; readonly message: string }[];
  /** A bound ended the walk early. Reaching `maxDepth` does not count. */
  readonly truncated: boolean;
}

/** One block of a file. */
export interface FileBlock {
  readonly data: Uint8Array<ArrayBuffer>;
  /** Fewer bytes than asked for were left. A block that ends exactly at the end does not know it yet. */
  readonly isEnd: boolean;
}
