import { holdfastFault } from "@holdfast/exec-server-protocol";
import { hasBrand } from "./brand.ts";
import { withCallersStack } from "./callers-stack.ts";
import { REFUSED, refusalOf } from "./refusal.ts";

const CONNECTION_ERROR = Symbol.for("holdfast.ConnectionError");

/** The executor's machine could not connect to where a TCP connection was to lead. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  readonly [CONNECTION_ERROR] = true;
  /**
   * Name of the system's error: `ECONNREFUSED`, `ETIMEDOUT`, `EHOSTUNREACH`, …, `ENOTFOUND` for a name without an address; or
   * `refused` where a rule of the executor refused.
   */
  readonly code: string;
  readonly host: string;
  readonly port: number;

  constructor(
    code: string,
    to: { readonly host: string; readonly port: number },
    options: { readonly cause?: unknown },
  ) {
    const words = options.cause instanceof Error ? `: ${options.cause.message}` : "";
    super(`${code}: no connection to ${to.host} port ${to.port} from the executor's machine${words}`, options);
    this.code = code;
    this.host = to.host;
    this.port = to.port;
  }
}

/** A {@link ConnectionError} of this or another copy of the package. */
export function isConnectionError(value: unknown): value is ConnectionError {
  return hasBrand(value, CONNECTION_ERROR);
}

/** What a call that wanted a connection fails with. */
export function toConnectionError(error: unknown, to: { readonly host: string; readonly port: number }): unknown {
  const refusal = refusalOf(error);
  if (refusal === undefined) return withCallersStack(error);
  return new ConnectionError(holdfastFault(refusal.data)?.code ?? REFUSED, to, { cause: refusal });
}
