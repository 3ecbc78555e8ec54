import { hasBrand } from "./brand.ts";

const FILE_ERROR = Symbol.for("holdfast.FileError");

/** What a {@link FileError} tells. */
export interface FileErrorDetails {
  readonly code: string;
  /** As the caller named it: `fs.readFile`. */
  readonly method: string;
  /** What the caller gave; undefined where an open file was used. */
  readonly path: string | undefined;
  readonly destination?: string | undefined;
  /** Name of the system call that failed, where the executor tells. */
  readonly syscall?: string | undefined;
}

/** The executor did not do what was asked about a file. Its message reads as those of Node's `fs`. */
export class FileError extends Error {
  override readonly name = "FileError";
  readonly [FILE_ERROR] = true;
  /**
   * Name of the system's error: `ENOENT`, `EACCES`, `EEXIST`, `ENOTDIR`, `ENOTEMPTY`, `EISDIR`, `ENOSPC`, `EROFS`, `EXDEV`,
   * …; or `refused` where a rule of the executor refused, not its system.
   */
  readonly code: string;
  /** The method that failed, e.g. `fs.readFile`. */
  readonly method: string;
  /** The path, as the caller gave it; undefined where an open file was used. */
  readonly path: string | undefined;
  /** The other path of a copy, move or link. */
  readonly destination: string | undefined;
  /** Name of the system call that failed, e.g. `open`, where the executor tells. */
  readonly syscall: string | undefined;

  constructor(message: string, details: FileErrorDetails, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.code = details.code;
    this.method = details.method;
    this.path = details.path;
    this.destination = details.destination;
    this.syscall = details.syscall;
  }
}

/** A {@link FileError} of this or another copy of the package. */
export function isFileError(value: unknown): value is FileError {
  return hasBrand(value, FILE_ERROR);
}
