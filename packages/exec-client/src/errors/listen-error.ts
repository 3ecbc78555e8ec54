import { holdfastFault } from "@holdfast/exec-server-protocol";
import { hasBrand } from "./brand.ts";
import { withCallersStack } from "./callers-stack.ts";
import { REFUSED, refusalOf } from "./refusal.ts";

const LISTEN_ERROR = Symbol.for("holdfast.ListenError");

/** The executor's machine could not listen where it was to. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  readonly [LISTEN_ERROR] = true;
  /**
   * Name of the system's error: `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`, …; or `refused` where a rule of the executor refused: the address is one that
   * other machines reach, the folder of a socket is in the hands of others.
   */
  readonly code: string;

  constructor(code: string, reason: string, options: { readonly cause?: unknown } = {}) {
    super(`${code}: ${reason}`, options);
    this.code = code;
  }
}

/** A {@link ListenError} of this or another copy of the package. */
export function isListenError(value: unknown): value is ListenError {
  return hasBrand(value, LISTEN_ERROR);
}

/** What a call that wanted to listen fails with. */
export function toListenError(error: unknown): unknown {
  const refusal = refusalOf(error);
  if (refusal === undefined) return withCallersStack(error);
  return new ListenError(holdfastFault(refusal.data)?.code ?? REFUSED, refusal.message, { cause: refusal });
}
