/** `invalid-request`: the peer's params are wrong, nothing was sent. `failed`: the exchange broke. */
export type HttpFaultKind = "invalid-request" | "failed";

/** Why there is no answer, or no more of it. The message is what the peer is told. */
export class HttpFault extends Error {
  override readonly name = "HttpFault";
  readonly kind: HttpFaultKind;

  constructor(kind: HttpFaultKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

export function invalidHttpRequest(message: string): HttpFault {
  return new HttpFault("invalid-request", `http/request ${message}`);
}

/** The innermost reason that a library or the operating system gives. */
export function reasonOf(thrown: unknown): string {
  let error = thrown;
  while (error instanceof Error && error.cause !== undefined) error = error.cause;
  return error instanceof Error && error.message !== "" ? error.message : String(error);
}
