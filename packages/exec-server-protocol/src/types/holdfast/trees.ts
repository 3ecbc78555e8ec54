import type { PathUri } from "@holdfast/path-uri";
import type { FileSystemSandboxContext } from "@holdfast/permission-profile";
import type { EmptyResult } from "../json.ts";
import type { HoldfastStagingProblem } from "./staging.ts";

/*
 * An extension of this project: whole folders as one stream, and their comparison. An archive is a tar stream as POSIX
 * describes it (ustar headers, pax records; a modification time is in a pax record where it has a fraction of a second). Every
 * request may be repeated with the same params. Needs the capability `holdfastTrees`.
 *
 * A _name from the root_ is written as in the path of a URI: `/` between names, and bytes that are no plain text
 * percent-encoded. It has no empty names, no `.` and no `..`. The root's URI, a slash and such a name are the URI of the entry.
 */

/**
 * Unpacks the next part of an archive into a staged folder: files, folders, symbolic links and hard links to files of the same
 * archive, with permission bits and modification times; owners are not taken. An entry `./` is the folder itself. A file of the
 * same name from before is replaced. What can't be made is told by `holdfast/commitStaged`, and the rest goes on; an error ends
 * the archive: what is no archive, a name that leads out of the folder, or a full disk.
 *
 * The times and permission bits of folders are set when the stage is committed, which fails within an entry.
 */
export interface HoldfastExtractStagedParams {
  /** A staged folder. */
  stageId: string;
  /**
   * Byte of the archive that `chunk` begins at. What was unpacked before is not unpacked again. A part that is sent ahead, by
   * at most 16,777,216 bytes, waits for what comes before it.
   *
   * @format uint64
   */
  offset: number;
  /**
   * 1 to 1,048,576 raw bytes in base64.
   *
   * @contentEncoding base64
   */
  chunk: string;
}

export interface HoldfastExtractStagedResult {
  /**
   * Things that could not be made so far.
   *
   * @format uint32
   */
  problemCount: number;
}

/** What of a folder is left out. */
export interface HoldfastTreeFilter {
  /**
   * Patterns as in a `.gitignore` file in the root; the last that matches decides, and one with `!` takes in again. What is in
   * a folder that is left out is left out. They are matched as git does, byte by byte: upper and lower case differ. At most 1,024, of
   * at most 4,096 bytes each, and 32,768 bytes of those with wildcards other than a star in front.
   */
  exclude?: string[] | null;
  /**
   * Leave out what the `.gitignore` files in the tree say, and `.git`. What is in a folder whose file can't be read or is too large to
   * be followed is left out, and a problem. Absent or null: false.
   */
  useGitignore?: boolean | null;
}

/**
 * Begins to read a folder as an archive: its first entry is `./`, folders come before what is in them. Pipes, sockets, devices
 * and what can't be read are left out and told. A file that grows while it is read is cut at the size that it had; one that
 * shrinks is filled with zeros, and told. The archive belongs to the session, which may have 8 open.
 */
export interface HoldfastOpenArchiveParams {
  /** Chosen by the client, unique in the session: at most 64 bytes. */
  archiveId: string;
  /** A folder. Links that lead to it are followed now, and never again. */
  root: PathUri;
  /**
   * Only these, by their names from the root, in this order, and of folders nothing that is in them: at most 65,536. What is no
   * longer there is told. The folders that they are in must have been there before. Absent or null: everything.
   */
  names?: string[] | null;
  filter?: HoldfastTreeFilter | null;
  /** Refused unless absent or null. */
  sandbox?: FileSystemSandboxContext | null;
}

export type HoldfastOpenArchiveResult = EmptyResult;

/** Reads a block of an archive. Several may be asked for at once. */
export interface HoldfastReadArchiveParams {
  archiveId: string;
  /**
   * Byte of the archive to begin at: a multiple of 1,048,576, less than 16,777,216 after `receivedBytes`.
   *
   * @format uint64
   */
  offset: number;
  /**
   * What is before this byte has arrived and will not be asked for again: a multiple of 1,048,576, at most `offset`.
   *
   * @format uint64
   */
  receivedBytes: number;
}

export interface HoldfastReadArchiveResult {
  /**
   * Raw bytes in base64: 1,048,576, but fewer in the last block, and none after it.
   *
   * @contentEncoding base64
   */
  chunk: string;
  /** Whether the archive ends here. */
  isEnd: boolean;
  /** In the last block: what was left out or has changed. At most 1,001: the last then says how many there are besides. */
  problems: HoldfastStagingProblem[];
}

/** Gives up an archive. An id that names nothing is no error. */
export interface HoldfastCloseArchiveParams {
  archiveId: string;
}

export type HoldfastCloseArchiveResult = EmptyResult;

/**
 * Lists what is in a folder, depth first, in each folder by the bytes of the names, a folder before what is in it; in pages. The
 * root itself is not listed. Exactly one of `root` and `stageId` is given.
 */
export interface HoldfastListTreeParams {
  /** A folder. Links that lead to it are followed, and none in it. */
  root?: PathUri | null;
  /** What has arrived in a staged folder. */
  stageId?: string | null;
  /** Go on after this name from the root, the `next` of the page before. Absent or null: from the start. */
  after?: string | null;
  filter?: HoldfastTreeFilter | null;
  /** Refused unless absent or null. */
  sandbox?: FileSystemSandboxContext | null;
}

export interface HoldfastListTreeResult {
  /** At most 32,768, whose names and link targets have at most 4,194,304 bytes. */
  entries: HoldfastTreeEntry[];
  /** To be sent as `after` for the next page; null: this is the last. */
  next: string | null;
  /** Folders that could not be read. At most 1,001: the last then says how many there are besides. */
  problems: HoldfastStagingProblem[];
}

export interface HoldfastTreeEntry {
  /** Its name from the root. */
  name: string;
  kind: HoldfastTreeEntryKind;
  /**
   * Bytes of a file; 0 of anything else.
   *
   * @format uint64
   */
  size: number;
  /**
   * Last modification in microseconds since 1970, rounded down.
   *
   * @format int64
   */
  modifiedAtUs: number;
  /**
   * Permission bits, those of set-id and sticky included.
   *
   * @format uint32
   */
  mode: number;
  /** What a link says, with its bytes percent-encoded as in a name. Of nothing else. */
  target?: string | null;
}

/**
 * Removes what was listed of a folder, and nothing else: a folder among the names is removed when nothing is in it by then, and
 * stays with what is in it else, and is told. What is missing is fine. Nothing is removed from a folder within `root` that `fs/remove` would refuse:
 * the user's home and what is above it, a place where another file system is mounted. That is told, and the rest goes on.
 */
export interface HoldfastRemoveEntriesParams {
  /** A folder. Links that lead to it are followed now, but for `noFollowNames`, and never again; none in it. */
  root: PathUri;
  /**
   * Names at the end of `root` that may be no links. 0: all links are followed now. Absent or null: 1.
   *
   * @format uint32
   */
  noFollowNames?: number | null;
  /** Names from the root, what is in a folder before the folder. At most 65,536. */
  names: string[];
  /** A folder that has something else in it is not told: the listing was filtered. Absent or null: false. */
  keepFilled?: boolean | null;
  /** Refused unless absent or null. */
  sandbox?: FileSystemSandboxContext | null;
}

export interface HoldfastRemoveEntriesResult {
  /** What could not be removed. At most 1,001: the last then says how many there are besides. */
  problems: HoldfastStagingProblem[];
}

/** `other`: a pipe, a socket or a device. */
export type HoldfastTreeEntryKind = "file" | "folder" | "link" | "other";

/**
 * Computes SHA-256 digests of files, or of parts of them, so that what is equal need not be sent. Exactly one of `root` and
 * `stageId` is given.
 */
export interface HoldfastDigestFilesParams {
  /** A folder. Links that lead to it are followed, and none in it. */
  root?: PathUri | null;
  stageId?: string | null;
  /** At most 4,096. */
  ranges: HoldfastFileRange[];
  /** Refused unless absent or null. */
  sandbox?: FileSystemSandboxContext | null;
}

export interface HoldfastFileRange {
  /** Of a regular file, from the root. */
  name: string;
  /**
   * Byte to begin at. Absent or null: 0.
   *
   * @format uint64
   */
  offset?: number | null;
  /**
   * At most 268,435,456 bytes, and to the end of the file if it is nearer: a larger file is asked for in parts.
   *
   * @format uint64
   */
  length: number;
}

export interface HoldfastDigestFilesResult {
  /** In the order of `ranges`: at least one, but only as many as were read within about a second. The rest is asked for again. */
  digests: HoldfastFileDigest[];
}

export interface HoldfastFileDigest {
  /** 64 hexadecimal digits in lower case; null: it could not be read. */
  sha256: string | null;
  /**
   * Bytes that were read.
   *
   * @format uint64
   */
  length: number;
  /** Why it could not be read. */
  message?: string | null;
}
