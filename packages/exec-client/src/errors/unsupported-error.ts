import { hasBrand } from "./brand.ts";

const UNSUPPORTED_ERROR = Symbol.for("holdfast.UnsupportedError");

/** This executor has no way to do what was asked. Nothing was done. */
export class UnsupportedError extends Error {
  override readonly name = "UnsupportedError";
  readonly [UNSUPPORTED_ERROR] = true;
  readonly code = "unsupported";
  /** What was asked for, e.g. `fs.watch`. */
  readonly operation: string;
  /** What the executor lacks, e.g. `the capability holdfastFiles`. */
  readonly lacks: string;

  constructor(operation: string, lacks: string, options: { readonly cause?: unknown } = {}) {
    super(`${operation} is not supported by this executor: it lacks ${lacks}`, options);
    this.operation = operation;
    this.lacks = lacks;
  }
}

/** An {@link UnsupportedError} of this or another copy of the package. */
export function isUnsupported(value: unknown): value is UnsupportedError {
  return hasBrand(value, UNSUPPORTED_ERROR);
}
