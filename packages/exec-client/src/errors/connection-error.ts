import { holdfastFault } from "@holdfast/exec-server-protocol";
import { shownPlace } from "../connection-place.ts";
import type { RemotePath } from "../paths.ts";
import { hasBrand } from "./brand.ts";
import { withCallersStack } from "./callers-stack.ts";
import { REFUSED, refusalOf } from "./refusal.ts";

const CONNECTION_ERROR = Symbol.for("holdfast.ConnectionError");

/** What was to be connected to. */
type Place = { readonly host: string; readonly port: number } | { readonly path: RemotePath };

/** The executor's machine could not connect to where a connection was to lead. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  readonly [CONNECTION_ERROR] = true;
  /**
   * Name of the system's error: `ECONNREFUSED`, `ETIMEDOUT`, `EHOSTUNREACH`, …, `ENOTFOUND` for a name without an address, `ENOENT` for
   * a unix socket that is not there; or `refused` where a rule of the executor refused.
   */
  readonly code: string;
  /** Undefined for a unix socket. */
  readonly host: string | undefined;
  /** Undefined for a unix socket. */
  readonly port: number | undefined;
  /** Of a unix socket. */
  readonly path: string | undefined;

  constructor(code: string, to: Place, options: { readonly cause?: unknown }) {
    const words = options.cause instanceof Error ? `: ${options.cause.message}` : "";
    super(`${code}: no connection to ${shownPlace(to)} from the executor's machine${words}`, options);
    this.code = code;
    this.host = "path" in to ? undefined : to.host;
    this.port = "path" in to ? undefined : to.port;
    this.path = "path" in to ? String(to.path) : undefined;
  }
}

/** A {@link ConnectionError} of this or another copy of the package. */
export function isConnectionError(value: unknown): value is ConnectionError {
  return hasBrand(value, CONNECTION_ERROR);
}

/** What a call that wanted a connection fails with. */
export function toConnectionError(error: unknown, to: Place): unknown {
  const refusal = refusalOf(error);
  if (refusal === undefined) return withCallersStack(error);
  return new ConnectionError(holdfastFault(refusal.data)?.code ?? REFUSED, to, { cause: refusal });
}
