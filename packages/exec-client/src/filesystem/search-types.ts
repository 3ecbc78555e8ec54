import type { PathUri } from "@holdfast/path-uri";
import type { RemotePath } from "../paths.ts";
import type { EntryKind, FileCallOptions } from "./types.ts";

/** What could not be looked at, while the rest went on. */
export interface SearchProblem {
  readonly path: string;
  readonly message: string;
}

/** Which files below a folder. */
interface TreeOptions extends Pick<FileCallOptions, "signal" | "sandbox"> {
  /** The folder that patterns are relative to. Default: the working folder of the executor. */
  readonly cwd?: RemotePath | undefined;
  /** Patterns of what is left out, with everything below it. They match names that begin with a dot as well. Default none. */
  readonly ignore?: string | readonly string[] | undefined;
  /** Wildcards match names that begin with a dot. Default false. */
  readonly includeHidden?: boolean | undefined;
  /** Enter links to folders, but for those that are above them, and take links to files for files. Default false. */
  readonly followSymlinks?: boolean | undefined;
  /** Called for each place that could not be looked at. Default: they are passed by. */
  readonly onProblem?: ((problem: SearchProblem) => void) | undefined;
}

export interface GlobOptions extends TreeOptions {
  /** Only these kinds. Default: all. */
  readonly kinds?: readonly EntryKind[] | undefined;
  /** Most entries. Default: all. */
  readonly limit?: number | undefined;
}

/** What a pattern matched. */
export interface GlobEntry {
  /** Absolute, as the executor's system writes it; bytes that are no UTF-8 are U+FFFD. */
  readonly path: string;
  /** The same, which can carry any bytes. */
  readonly uri: PathUri;
  readonly kind: EntryKind;
}

export interface SearchOptions extends TreeOptions {
  /** Patterns of the files that are searched. Default: all, `**`. */
  readonly glob?: string | readonly string[] | undefined;
  /** Default false, or the flag `i` of the pattern. */
  readonly ignoreCase?: boolean | undefined;
  /** Larger files are left out, and told to `onProblem`: up to 67,108,864 bytes. Default 4,194,304. */
  readonly maxFileBytes?: number | undefined;
  /** Most lines. Default: all. */
  readonly maxMatches?: number | undefined;
}

/** A line with a match. Columns and lengths are in UTF-16 code units, columns and lines from 1 on. */
export interface SearchMatch {
  /** Absolute, as the executor's system writes it; bytes that are no UTF-8 are U+FFFD. */
  readonly path: string;
  /** The same, which can carry any bytes. */
  readonly uri: PathUri;
  readonly lineNumber: number;
  /** Where the first match in the line begins. */
  readonly column: number;
  /** Of the first match. */
  readonly length: number;
  /** The line without its end, or the part of a long one around the match: at most 1,024 UTF-16 code units. */
  readonly text: string;
  /** Column that `text` begins at. */
  readonly textColumn: number;
}
