import { hasBrand } from "./brand.ts";

const FINAL_REFUSAL = Symbol.for("holdfast.FinalRefusal");

/** Why there is no connection, where it will not do better next time: a key that is refused, a machine without Node. */
export class FinalRefusal extends Error {
  override readonly name = "FinalRefusal";
  readonly [FINAL_REFUSAL] = true;
  /** Why the session that was to be resumed is over, where that is known. */
  readonly sessionGone: string | undefined;

  constructor(message: string, options: { readonly cause?: unknown; readonly sessionGone?: string | undefined } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.sessionGone = options.sessionGone;
  }
}

/** Brand check: who dials and who tries again may be in two files of one program. */
export function isFinalRefusal(value: unknown): value is FinalRefusal {
  return hasBrand(value, FINAL_REFUSAL);
}
