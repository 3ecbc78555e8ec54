import { hasBrand } from "./brand.ts";

const FETCH_DENIED_ERROR = Symbol.for("holdfast.FetchDeniedError");

/** The `sandbox` of `executor.fetch` does not let the request, or a redirect of it, go to this host. It was not sent there. */
export class FetchDeniedError extends Error {
  override readonly name = "FetchDeniedError";
  readonly [FETCH_DENIED_ERROR] = true;
  readonly code = "network-denied";
  /** The host as URLs write it. */
  readonly host: string;
  /** What of the sandbox refuses, e.g. `"read-only" has no network`. */
  readonly rule: string;

  constructor(host: string, rule: string) {
    const advice = `to allow it, use sandbox: { network: { allow: [${JSON.stringify(host)}] } } or network: true`;
    super(`fetch: the sandbox does not let requests go to ${host}: ${rule}; ${advice}`);
    this.host = host;
    this.rule = rule;
  }
}

/** A {@link FetchDeniedError} of this or another copy of the package. */
export function isFetchDenied(value: unknown): value is FetchDeniedError {
  return hasBrand(value, FETCH_DENIED_ERROR);
}
