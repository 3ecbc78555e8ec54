/** What went wrong with the connection between two peers. The codes never cross the wire. */
export type LinkErrorCode = "closed" | "timeout" | "aborted" | "frame-too-large" | "malformed" | "busy";

/** May the request have run? `not-sent`: certainly not. `unknown`: it was handed to the transport. */
export type Delivery = "not-sent" | "unknown";

const LINK_ERROR = Symbol.for("holdfast.LinkError");
const REMOTE_ERROR = Symbol.for("holdfast.RemoteError");
const RPC_FAULT = Symbol.for("holdfast.RpcFault");

/**
 * There is no answer: the connection failed, or the caller did not wait for it.
 *
 * One that a signal ended is named as the platform names it: `TimeoutError` for a reason of that name, which is what
 * `AbortSignal.timeout` gives, `AbortError` for any other. So is one whose own time was up: `TimeoutError`.
 */
export class LinkError extends Error {
  override readonly name: "LinkError" | "AbortError" | "TimeoutError";
  readonly [LINK_ERROR] = true;
  /** `aborted` and `timeout` go with the names. */
  readonly code: LinkErrorCode;
  readonly delivery: Delivery;
  /** Wire name of the call that was in flight, if one was. */
  readonly method: string | undefined;
  /** The reason of the signal that ended it, which is its `cause` as well; undefined when no signal did. */
  readonly reason: unknown;

  constructor(
    code: LinkErrorCode,
    message: string,
    options: { delivery: Delivery; method?: string | undefined; cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code === "aborted" && isTimeoutReason(options.cause) ? "timeout" : code;
    this.name = NAMES[this.code] ?? "LinkError";
    this.reason = code === "aborted" ? options.cause : undefined;
    this.delivery = options.delivery;
    this.method = options.method;
  }
}

const NAMES: { readonly [Code in LinkErrorCode]?: LinkError["name"] } = {
  aborted: "AbortError",
  timeout: "TimeoutError",
};

/** Whether the reason of a signal says that its time was up, as that of `AbortSignal.timeout` does. */
export function isTimeoutReason(reason: unknown): boolean {
  return typeof reason === "object" && reason !== null && "name" in reason && reason.name === "TimeoutError";
}

/** What became of what a signal ended: `was aborted: enough`. */
export function describeAbort(reason: unknown): string {
  if (isTimeoutReason(reason)) return "took longer than its signal allows";
  // That of an abort without a reason says no more than its name.
  const isPlain = reason instanceof Error && reason.name === "AbortError";
  const why = reason instanceof Error && !isPlain ? reason.message : typeof reason === "string" ? reason : "";
  return why === "" ? "was aborted" : `was aborted: ${why}`;
}

/** The error of what its signal ended. */
export function abortedBy(
  { reason }: Pick<AbortSignal, "reason">,
  what: string,
  options: { readonly delivery: Delivery; readonly method?: string | undefined },
): LinkError {
  return new LinkError("aborted", `${what} ${describeAbort(reason)}`, { ...options, cause: reason });
}

/** The peer answered with an error object. */
export class RemoteError extends Error {
  override readonly name = "RemoteError";
  readonly [REMOTE_ERROR] = true;
  /** Numeric code as sent by the peer. */
  readonly code: number;
  /** `error.data` as sent by the peer, if any. */
  readonly data: unknown;
  readonly method: string;

  constructor(method: string, error: { code: number; message: string; data?: unknown }) {
    super(error.message);
    this.code = error.code;
    this.data = error.data;
    this.method = method;
  }
}

/** Thrown by a handler to refuse a call: the only error whose text reaches the peer. */
export class RpcFault extends Error {
  override readonly name = "RpcFault";
  readonly [RPC_FAULT] = true;
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, options: { data?: unknown; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.data = options.data;
  }
}

/** Brand check, so that two copies of this package in one program agree. */
export function isLinkError(value: unknown): value is LinkError {
  return typeof value === "object" && value !== null && LINK_ERROR in value;
}

/** Brand check, so that two copies of this package in one program agree. */
export function isRemoteError(value: unknown): value is RemoteError {
  return typeof value === "object" && value !== null && REMOTE_ERROR in value;
}

/** Brand check, so that two copies of this package in one program agree. */
export function isRpcFault(value: unknown): value is RpcFault {
  return typeof value === "object" && value !== null && RPC_FAULT in value;
}
