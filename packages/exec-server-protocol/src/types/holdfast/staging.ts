import type { PathUri } from "@holdfast/path-uri";
import type { FileSystemSandboxContext } from "@holdfast/permission-profile";
import type { EmptyResult } from "../json.ts";

/*
 * An extension of this project: files and folders that are under no final name before they are whole. What is staged
 * belongs to the session, so that it outlives a lost connection and is gone with its session. Every request may be
 * repeated with the same params: it then does nothing twice. Needs the capability `holdfastStaging`.
 */

/** Begins a file that will be at `path`, replacing what file is there. A session may have 128 things staged. */
export interface HoldfastStageFileParams {
  /** Chosen by the client, unique in the session: at most 64 bytes. */
  stageId: string;
  /** Where it will be. Links are followed now, but for `noFollowNames`, and never again. */
  path: PathUri;
  /**
   * Names at the end of `path` that may be no links: 1, the last, now and when it is committed; 2, that of the folder it is
   * in as well. 0: all links are followed now. Absent or null: 1.
   *
   * @format uint32
   */
  noFollowNames?: number | null;
  /** A staged folder that it will be part of; `path` lies below the path of that one, and no link is followed. */
  within?: string | null;
  /** Refused unless absent or null: under a sandbox a file is written in place, by `fs/open`. */
  sandbox?: FileSystemSandboxContext | null;
}

export type HoldfastStageFileResult = EmptyResult;

/** Begins a folder that will be at `path`, or be merged into the folder that is there. */
export interface HoldfastStageFolderParams {
  /** Chosen by the client, unique in the session: at most 64 bytes. */
  stageId: string;
  /** Where it will be. Links are followed now, but for `noFollowNames`, and never again. */
  path: PathUri;
  /**
   * Names at the end of `path` that may be no links: 1, the last, now and when it is committed; 2, that of the folder it is
   * in as well. 0: all links are followed now. Absent or null: 1.
   *
   * @format uint32
   */
  noFollowNames?: number | null;
  /**
   * A key of the client, at most 64 bytes. With it what has arrived is kept for 24 hours when the session ends before the folder
   * is committed or discarded, also by `kill -9`, and whoever stages a folder for the same place with the same key goes on with
   * it. Needs the capability `holdfastTrees`. Absent or null: nothing is kept.
   */
  keepAs?: string | null;
  /** Refused unless absent or null. */
  sandbox?: FileSystemSandboxContext | null;
}

export interface HoldfastStageFolderResult {
  /** With `keepAs`: whether something is in it from before. */
  isResumed?: boolean;
}

/** Writes into a staged file. */
export interface HoldfastWriteStagedParams {
  stageId: string;
  /**
   * Byte to begin at; a hole before it is allowed.
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

export type HoldfastWriteStagedResult = EmptyResult;

/** Makes folders and links in a staged folder, in their order. */
export interface HoldfastAddStagedParams {
  stageId: string;
  /** At most 4,096. */
  entries: HoldfastStagedEntry[];
}

/** A folder, or a symbolic link that says `targetBase64`. */
export interface HoldfastStagedEntry {
  /** Below the path of the staged folder. What it lies in has been made before. */
  path: PathUri;
  /**
   * What a link says, as bytes in base64; absent or null: a folder.
   *
   * @contentEncoding base64
   */
  targetBase64?: string | null;
}

export interface HoldfastAddStagedResult {
  /** What could not be made; the rest was. */
  problems: HoldfastStagingProblem[];
}

/** One thing that did not go as asked, while the rest went on. */
export interface HoldfastStagingProblem {
  path: PathUri;
  message: string;
}

/** Makes a whole small file in a staged folder. */
export interface HoldfastPutStagedParams {
  stageId: string;
  /** Below the path of the staged folder. */
  path: PathUri;
  /**
   * Permission bits; absent or null: those of new files.
   *
   * @format uint32
   */
  mode?: number | null;
  /**
   * 0 to 1,048,576 raw bytes in base64.
   *
   * @contentEncoding base64
   */
  chunk: string;
}

export type HoldfastPutStagedResult = EmptyResult;

/** Fills a staged file or folder with a copy of what is at `source` on this machine, permission bits included. */
export interface HoldfastCopyStagedParams {
  stageId: string;
  source: PathUri;
}

export interface HoldfastCopyStagedResult {
  /** What of a folder could not be read or made; the rest was. At most 1,001: the last then says how many there are besides. */
  problems?: HoldfastStagingProblem[];
}

/** Puts what is staged under its final name, at once where nothing has to be merged. */
export interface HoldfastCommitStagedParams {
  stageId: string;
  /**
   * Permission bits; absent or null: those of the file that is replaced, or those of new files and folders.
   *
   * @format uint32
   */
  mode?: number | null;
  /** For a file: refused when something has the name by now. Needs the capability `holdfastFiles`. Absent or null: false. */
  noReplace?: boolean | null;
  /** For a folder: permission bits of folders in it, set last and in this order. At most 65,536. */
  folderModes?: HoldfastFolderMode[] | null;
}

export interface HoldfastFolderMode {
  path: PathUri;
  /** @format uint32 */
  mode: number;
}

export interface HoldfastCommitStagedResult {
  /** Whether every permission bit that was asked for is set. */
  isModeSet: boolean;
  /** The name could not be given to a new file, as for a mount point: what had it was overwritten, not at once. */
  isInPlace: boolean;
  /** What could not be put in place; the rest was. At most 1,001: the last then says how many there are besides. */
  problems: HoldfastStagingProblem[];
}

/** Gives up what is staged: nothing of it remains. An id that names nothing is no error. */
export interface HoldfastDiscardStagedParams {
  stageId: string;
}

export type HoldfastDiscardStagedResult = EmptyResult;
