import { ERROR_CODES, holdfastFault } from "@holdfast/exec-server-protocol";
import { isRemoteError, shownUrl } from "@holdfast/rpc";
import { hasBrand } from "./brand.ts";
import { REFUSED } from "./refusal.ts";

const FETCH_ERROR = Symbol.for("holdfast.FetchError");

/** The executor got no answer to a request of `executor.fetch`, or did not make it. */
export class FetchError extends Error {
  override readonly name = "FetchError";
  readonly [FETCH_ERROR] = true;
  /**
   * Name of the system's error on the executor's machine: `ECONNREFUSED`, `ECONNRESET`, `ENOTFOUND`, …; `failed` where it does not tell any,
   * as releases of Codex; or `refused` where a rule of the executor refused, and nothing was sent.
   */
  readonly code: string;
  /** The request that failed, after redirects; without user, password, query and fragment. */
  readonly url: string;

  constructor(code: string, url: string, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
    this.url = shownUrl(url);
  }
}

/** A {@link FetchError} of this or another copy of the package. */
export function isFetchError(value: unknown): value is FetchError {
  return hasBrand(value, FETCH_ERROR);
}

/** What a request is to fail with: `FetchError` for what the executor answered. Anything else stays. */
export function toFetchError(error: unknown, url: string): unknown {
  if (!isRemoteError(error)) return error;
  const isRefused = error.code === ERROR_CODES.InvalidParams;
  const code = holdfastFault(error.data)?.code ?? (isRefused ? REFUSED : "failed");
  // Releases of Codex repeat the whole address, whatever is in it.
  const words = error.message.replaceAll(url, shownUrl(url));
  return new FetchError(code, url, `${code}: fetch ${shownUrl(url)}: ${words}`, { cause: error });
}
