import type { PathUri } from "@holdfast/path-uri";
import type { FileSystemSandboxContext } from "@holdfast/permission-profile";
import type { EmptyResult } from "../json.ts";

/*
 * An extension of this project: what else can be done to files, beside `fs/*` and by the same rules: paths are absolute, a
 * `sandbox` confines the request, and changes take effect in the order in which they were asked for. Needs the capability
 * `holdfastFiles`.
 */

/** What has a name in a folder. */
export type HoldfastEntryKind =
  | "file"
  | "directory"
  | "symlink"
  | "fifo"
  | "socket"
  | "characterDevice"
  | "blockDevice"
  | "unknown";

/** Looks at what has a name: a link itself, unless it is to be followed. */
export interface HoldfastStatEntryParams {
  path: PathUri;
  /** True: describe what a link leads to. Links above the last name are followed in any case. Absent or null: false. */
  followSymlinks?: boolean | null;
  sandbox?: FileSystemSandboxContext | null;
}

export interface HoldfastStatEntryResult {
  /** Of what was looked at. All other members are about the same, but for `isSymlink`. */
  kind: HoldfastEntryKind;
  /** The path itself is a link, followed or not. */
  isSymlink: boolean;
  /**
   * Bytes; of a link, those of what it says.
   *
   * @format uint64
   */
  size: number;
  /**
   * Permission bits, with set-user-ID, set-group-ID and sticky.
   *
   * @format uint32
   */
  mode: number;
  /** @format uint32 */
  uid: number;
  /** @format uint32 */
  gid: number;
  /**
   * Names of the same file.
   *
   * @format uint64
   */
  linkCount: number;
  /** Number of the file on its device, in decimal: it may have more than 53 bits. */
  inode: string;
  /** Number of the device, in decimal. */
  device: string;
  /**
   * Unix milliseconds; so are all times.
   *
   * @format int64
   */
  accessedAtMs: number;
  /** @format int64 */
  modifiedAtMs: number;
  /**
   * Of the last change of content or attributes.
   *
   * @format int64
   */
  changedAtMs: number;
  /**
   * 0 where the file system does not know.
   *
   * @format int64
   */
  createdAtMs: number;
  /**
   * What a link says, as bytes in base64; absent or null: it is no link, or was followed.
   *
   * @contentEncoding base64
   */
  targetBase64?: string | null;
  /** What a link leads to; absent or null: it leads nowhere, it is no link, or it was followed. */
  targetKind?: HoldfastEntryKind | null;
}

/** Reads what a link says. Refused when it is no link. */
export interface HoldfastReadLinkParams {
  path: PathUri;
  sandbox?: FileSystemSandboxContext | null;
}

export interface HoldfastReadLinkResult {
  /**
   * Bytes in base64, as they are in the link.
   *
   * @contentEncoding base64
   */
  targetBase64: string;
}

/** Makes a link at `path`, where nothing may be. One of `targetBase64` and `existingPath` is needed, and only one. */
export interface HoldfastMakeLinkParams {
  path: PathUri;
  /**
   * A symbolic link that says this, as bytes in base64: absolute, or relative to the folder of the link. It need not lead
   * anywhere.
   *
   * @contentEncoding base64
   */
  targetBase64?: string | null;
  /** One more name of this file, on the same file system. A link is not followed. */
  existingPath?: PathUri | null;
  sandbox?: FileSystemSandboxContext | null;
}

export type HoldfastMakeLinkResult = EmptyResult;

/**
 * Renames a file, a link (never its target) or a folder, at once: whoever looks sees the old state or the new one. A file or
 * link that has the new name is replaced, and so is an empty folder by a folder. Never a copy: between two file systems it is
 * refused. Refused for what `fs/remove` refuses, in both places.
 */
export interface HoldfastRenameParams {
  sourcePath: PathUri;
  destinationPath: PathUri;
  /** Refused when something has the new name, whatever it is. Needs the capability `holdfastNoReplace`. Absent or null: false. */
  noReplace?: boolean | null;
  sandbox?: FileSystemSandboxContext | null;
}

export type HoldfastRenameResult = EmptyResult;

/** Sets attributes; absent or null ones stay. Owner first, then mode, size and times, all of the same file. */
export interface HoldfastSetAttributesParams {
  path: PathUri;
  /** False: of a link itself, which has owner and times only. Absent or null: true. */
  followSymlinks?: boolean | null;
  /**
   * Permission bits, up to 0o7777.
   *
   * @format uint32
   */
  mode?: number | null;
  /** @format uint32 */
  uid?: number | null;
  /** @format uint32 */
  gid?: number | null;
  /**
   * Bytes of a regular file: what is beyond is cut off, what is missing reads as zeros.
   *
   * @format uint64
   */
  size?: number | null;
  /**
   * Unix milliseconds.
   *
   * @format int64
   */
  accessedAtMs?: number | null;
  /**
   * Unix milliseconds.
   *
   * @format int64
   */
  modifiedAtMs?: number | null;
  sandbox?: FileSystemSandboxContext | null;
}

export type HoldfastSetAttributesResult = EmptyResult;

/**
 * Adds to the end of a regular file, which is made when it is missing; links are followed. The system finds the end at every
 * write (`O_APPEND`): what several writers add stays whole, one after the other.
 */
export interface HoldfastAppendFileParams {
  path: PathUri;
  /**
   * 0 to 1,048,576 raw bytes in base64. When the disk is full a part may have been added; the refusal says how much.
   *
   * @contentEncoding base64
   */
  chunk: string;
  sandbox?: FileSystemSandboxContext | null;
}

export type HoldfastAppendFileResult = EmptyResult;

/** Writes a whole file as `fs/writeFile` does, with permission bits, or only where there is none. */
export interface HoldfastWriteFileParams {
  path: PathUri;
  /**
   * The content, in base64.
   *
   * @contentEncoding base64
   */
  chunk: string;
  /**
   * Permission bits that it has afterwards; absent or null: those of the file it replaces, or those of new files.
   *
   * @format uint32
   */
  mode?: number | null;
  /** True: refused when something has the name, also a link that leads nowhere. Absent or null: false. */
  exclusive?: boolean | null;
  /** False: refuse any link on the way. Absent or null: true. With `exclusive`, a link at the end is always refused. */
  followSymlinks?: boolean | null;
  sandbox?: FileSystemSandboxContext | null;
}

export type HoldfastWriteFileResult = EmptyResult;

/** Makes a folder for its user alone (0o700) under a new name. */
export interface HoldfastMakeTemporaryFolderParams {
  /** Where it will be. */
  folder: PathUri;
  /** Begins its name, without a slash; six characters follow. */
  prefix: string;
  sandbox?: FileSystemSandboxContext | null;
}

export interface HoldfastMakeTemporaryFolderResult {
  path: PathUri;
}
