import { errnoName, osErrorText } from "../platform/os-error.ts";

/** Where a connection goes to: by TCP, or to a unix socket. */
export type ConnectionTarget = { readonly host: string; readonly port: number } | { readonly path: string };

const NO_ADDRESS = "no address is known for that name";
/** Of an error that says none. */
const ODD_CODE = "EIO";

/** There is no connection. The message says why, `code` is the name of the system's error. */
export class ConnectionFault extends Error {
  override readonly name = "ConnectionFault";
  readonly code: string;
  /** What failed: finding an address, or connecting to one. */
  readonly syscall: "getaddrinfo" | "connect";

  constructor(target: ConnectionTarget, code: string, options?: ErrorOptions) {
    const place = "path" in target ? target.path : `${target.host} port ${target.port}`;
    super(`${place} can't be reached: ${connectionReason(code)}`, options);
    this.code = code;
    this.syscall = isUnknownName(code) ? "getaddrinfo" : "connect";
  }
}

/** The name of the system's error. */
export function connectionErrorCode(error: unknown): string {
  return errnoName(error) ?? ODD_CODE;
}

/** What it means, for people. */
export function connectionReason(code: string): string {
  return isUnknownName(code) ? NO_ADDRESS : (osErrorText(code) ?? code);
}

function isUnknownName(code: string): boolean {
  return code === "ENOTFOUND" || code.startsWith("EAI_");
}
