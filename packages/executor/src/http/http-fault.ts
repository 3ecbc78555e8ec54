import { HTTP_CONNECT_TIMEOUT_MS, HTTP_RESPONSE_HEADERS_MAX_BYTES } from "./limits.ts";

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

const SYSTEM_CODE = /^E[A-Z0-9]+$/;

/** What the library says too briefly, by its codes. */
const PLAIN_REASONS: Readonly<Record<string, string>> = {
  UND_ERR_HEADERS_OVERFLOW: `the headers of the answer exceed ${HTTP_RESPONSE_HEADERS_MAX_BYTES} bytes`,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "the body is not as long as its content-length says",
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: "the header content-length does not match bodyBase64",
  UND_ERR_CONNECT_TIMEOUT: `no connection within ${HTTP_CONNECT_TIMEOUT_MS} ms`,
};

/** The name of the system's error behind a fault, and of its call, where there is one. */
export function systemErrorOf(thrown: unknown): { readonly code?: string; readonly syscall?: string } {
  let error = thrown;
  while (error instanceof Error && error.cause !== undefined) error = error.cause;
  if (!(error instanceof Error) || !("code" in error) || !SYSTEM_CODE.test(String(error.code))) return {};
  const syscall = "syscall" in error && typeof error.syscall === "string" ? { syscall: error.syscall } : {};
  return { code: String(error.code), ...syscall };
}

/** The innermost reason that a library or the operating system gives. */
export function reasonOf(thrown: unknown): string {
  let error = thrown;
  while (error instanceof Error && error.cause !== undefined) error = error.cause;
  if (error instanceof Error && error.message === "other side closed") return "the server closed before its end";
  const plain = error instanceof Error && "code" in error ? PLAIN_REASONS[String(error.code)] : undefined;
  if (plain !== undefined) return plain;
  return error instanceof Error && error.message !== "" ? error.message : String(error);
}
