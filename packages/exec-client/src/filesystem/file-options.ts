import { SEARCH_FILE_MAX_BYTES } from "@holdfast/exec-server-protocol";
import {
  abortSignal,
  anything,
  callback,
  flag,
  type OptionChecks,
  oneOf,
  permissionBits,
  timeLimit,
  wholeNumber,
} from "@holdfast/rpc/client";
import { WALK_MAX_DEPTH, WALK_MAX_DIRECTORIES, WALK_MAX_ENTRIES } from "../limits.ts";
import type { OpenMode } from "./file-operations.ts";
import type { ReadStreamRange } from "./read-stream.ts";
import type { GlobOptions, SearchOptions } from "./search-types.ts";
import type { StagedTreeOptions } from "./staged-tree.ts";
import type {
  FileCallOptions,
  LinkedFileCallOptions,
  PlaceOptions,
  RemoveOptions,
  RenameOptions,
  WalkOptions,
  WriteFileOptions,
  WriteStreamOptions,
} from "./types.ts";
import type { WatchOptions } from "./watch-types.ts";

/** What the options of each file operation must be. */
export const FILE_CALL: OptionChecks<FileCallOptions> = {
  signal: abortSignal,
  timeoutMs: timeLimit,
  sandbox: anything,
};

export const LINKED_FILE_CALL: OptionChecks<LinkedFileCallOptions> = { ...FILE_CALL, followSymlinks: flag };

export const CREATE_DIRECTORY: OptionChecks<LinkedFileCallOptions & { readonly recursive?: boolean | undefined }> = {
  ...LINKED_FILE_CALL,
  recursive: flag,
};

export const REMOVE: OptionChecks<RemoveOptions> = { ...LINKED_FILE_CALL, recursive: flag, force: flag };

export const RENAME: OptionChecks<RenameOptions> = { ...FILE_CALL, noReplace: flag };

export const COPY: OptionChecks<FileCallOptions & { readonly recursive?: boolean | undefined }> = {
  ...FILE_CALL,
  recursive: flag,
};

export const WALK: OptionChecks<WalkOptions> = {
  ...FILE_CALL,
  maxDepth: wholeNumber(0, WALK_MAX_DEPTH),
  maxDirectories: wholeNumber(1, WALK_MAX_DIRECTORIES),
  maxEntries: wholeNumber(1, WALK_MAX_ENTRIES),
  followDirectorySymlinks: flag,
  pruneHiddenDirectories: flag,
  includeSymlinks: flag,
  paths: oneOf("uri", "native"),
};

export const WRITE_FILE: OptionChecks<WriteFileOptions> = {
  ...LINKED_FILE_CALL,
  mode: permissionBits,
  flag: oneOf("w", "wx"),
};

export const READ_LINK: OptionChecks<FileCallOptions & { readonly encoding?: "utf8" | "bytes" | undefined }> = {
  ...FILE_CALL,
  encoding: oneOf("utf8", "bytes"),
};

export const READ_DIRECTORY: OptionChecks<FileCallOptions & { readonly withFileTypes?: boolean | undefined }> = {
  ...FILE_CALL,
  withFileTypes: flag,
};

const TREE = {
  signal: abortSignal,
  sandbox: anything,
  cwd: anything,
  ignore: anything,
  includeHidden: flag,
  followSymlinks: flag,
  onProblem: callback,
};

export const GLOB: OptionChecks<GlobOptions> = {
  ...TREE,
  kinds: anything,
  limit: (value, name) => {
    if (value !== Number.POSITIVE_INFINITY) wholeNumber(0)(value, name);
  },
};

export const SEARCH: OptionChecks<SearchOptions> = {
  ...TREE,
  glob: anything,
  ignoreCase: flag,
  maxFileBytes: wholeNumber(1, SEARCH_FILE_MAX_BYTES),
  maxMatches: GLOB.limit,
};

export const WATCH: OptionChecks<WatchOptions> = {
  signal: abortSignal,
  sandbox: anything,
  recursive: flag,
  pollIntervalMs: timeLimit,
};

export const OPEN: OptionChecks<FileCallOptions & { readonly mode?: OpenMode | undefined }> = {
  ...FILE_CALL,
  mode: oneOf("read", "replace"),
};

export const READ_STREAM: OptionChecks<ReadStreamRange & Pick<FileCallOptions, "sandbox">> = {
  offset: wholeNumber(0),
  length: (value, name) => {
    if (value !== Number.POSITIVE_INFINITY) wholeNumber(0)(value, name);
  },
  signal: abortSignal,
  sandbox: anything,
};

const PLACE: OptionChecks<PlaceOptions> = { noFollowNames: wholeNumber(0) };

export const WRITE_STREAM: OptionChecks<WriteStreamOptions> = {
  ...PLACE,
  signal: abortSignal,
  mode: permissionBits,
  flag: oneOf("w", "wx"),
  onModeRefused: callback,
  sandbox: anything,
};

export const COPY_AT_ONCE: OptionChecks<PlaceOptions & Pick<FileCallOptions, "signal">> = {
  ...PLACE,
  signal: abortSignal,
};

export const STAGE_TREE: OptionChecks<StagedTreeOptions> = { ...PLACE, signal: abortSignal };
