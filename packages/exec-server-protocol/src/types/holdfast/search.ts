import type { PathUri } from "@holdfast/path-uri";
import type { FileSystemSandboxContext } from "@holdfast/permission-profile";
import type { HoldfastEntryKind } from "./files.ts";

/*
 * An extension of this project: files are found by patterns of their paths and by text in them, on the executor, page by page. A page
 * holds nothing there: the next one begins where its `cursor` says, on whatever connection. Needs the capability `holdfastSearch`.
 */

/**
 * Which files of a tree. Patterns are relative to the folder: `*` and `?` within a name, `[…]` and `[!…]`, `{a,b}`, `**` for any number of
 * names, `\\` before a character that stands for itself. At most 1,024 with their braces written out, which
 * together have at most 262,144 characters.
 */
export interface HoldfastFileFilter {
  /** One of these matches. */
  patterns: string[];
  /** None of these does, for names that begin with a dot as well; what lies below is left out too. Absent or null: none. */
  ignore?: string[] | null;
  /** True: wildcards match names that begin with a dot. Absent or null: false. */
  includeHidden?: boolean | null;
  /** True: enter links to folders, but for those that are above them, and take links to files for files. Absent or null: false. */
  followSymlinks?: boolean | null;
}

/** Finds files, folders and whatever else has a name below a folder, by their paths. */
export interface HoldfastFindFilesParams {
  path: PathUri;
  filter: HoldfastFileFilter;
  /** Only these kinds. Absent or null: all. */
  kinds?: HoldfastEntryKind[] | null;
  /** Of the page before; absent or null: the first page. */
  cursor?: string | null;
  /**
   * Most entries of this page: 1 to 8,192. Absent or null: 8,192.
   *
   * @format uint32
   */
  maxEntries?: number | null;
  sandbox?: FileSystemSandboxContext | null;
}

export interface HoldfastFoundEntry {
  path: PathUri;
  kind: HoldfastEntryKind;
}

/** What could not be looked at, while the rest went on. */
export interface HoldfastSearchProblem {
  path: PathUri;
  message: string;
}

export interface HoldfastFindFilesResult {
  /** A folder before what lies in it, and in the byte order of names within a folder. A page may be empty and not the last. */
  entries: HoldfastFoundEntry[];
  problems: HoldfastSearchProblem[];
  /** Where the next page begins; absent or null: this was the last. */
  cursor?: string | null;
}

/** Finds lines of text in the regular files of a tree. Files that have a NUL among their first 8,192 bytes are left out. */
export interface HoldfastSearchTextParams {
  path: PathUri;
  filter: HoldfastFileFilter;
  /** What to find in a line: 1 to 4,096 characters, without line feeds. */
  pattern: string;
  /** True: a regular expression of ECMAScript. Absent or null: the text itself. */
  isRegex?: boolean | null;
  /** Absent or null: false. */
  ignoreCase?: boolean | null;
  /**
   * Larger files are left out, and told as problems: up to 67,108,864 bytes. Absent or null: 4,194,304.
   *
   * @format uint32
   */
  maxFileBytes?: number | null;
  /**
   * Most lines of this page: 1 to 1,024. Absent or null: 1,024.
   *
   * @format uint32
   */
  maxMatches?: number | null;
  /** Of the page before; absent or null: the first page. */
  cursor?: string | null;
  sandbox?: FileSystemSandboxContext | null;
}

/** A line with at least one match. */
export interface HoldfastTextMatch {
  path: PathUri;
  /**
   * From 1 on.
   *
   * @format uint32
   */
  lineNumber: number;
  /**
   * Where its first match begins, in UTF-16 code units, from 1 on.
   *
   * @format uint32
   */
  column: number;
  /**
   * Of the first match, in UTF-16 code units.
   *
   * @format uint32
   */
  length: number;
  /** The line without its end, or the part of a long one around the match: at most 1,024 UTF-16 code units. */
  text: string;
  /**
   * Column that `text` begins at.
   *
   * @format uint32
   */
  textColumn: number;
}

export interface HoldfastSearchTextResult {
  /** In the order of `holdfast/findFiles`, and by lines within a file. A page may be empty and not the last. */
  matches: HoldfastTextMatch[];
  problems: HoldfastSearchProblem[];
  /** Where the next page begins; absent or null: this was the last. */
  cursor?: string | null;
}
