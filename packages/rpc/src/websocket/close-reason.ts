import type { PortClose } from "../frame-port.ts";

const MAX_REASON_BYTES = 123;
const NO_CODE = 1005;
const ABNORMAL = 1006;

/** Cut a reason to what fits a close frame, without splitting a character. */
export function fitReason(reason: string): string {
  const bytes = new TextEncoder().encode(reason);
  if (bytes.length <= MAX_REASON_BYTES) return reason;
  let end = MAX_REASON_BYTES;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return new TextDecoder().decode(bytes.subarray(0, end));
}

/** Codes that may be put in a close frame; anything else becomes 1011 instead of an exception. */
export function fitCode(code: number): number {
  const defined = code >= 1000 && code <= 1014 && code !== 1004 && code !== NO_CODE && code !== ABNORMAL;
  return Number.isInteger(code) && (defined || (code >= 3000 && code <= 4999)) ? code : 1011;
}

/** What the end of a websocket means when this side had not asked for it. */
export function describeRemoteClose(code: number, reason: string, error: Error | undefined): PortClose {
  if (error !== undefined) return { initiator: "fault", reason: error.message, code, cause: error };
  if (code === ABNORMAL) {
    return { initiator: "remote", reason: "peer dropped the connection without a close frame (1006)", code };
  }
  const text = reason === "" ? "" : `: ${reason}`;
  return { initiator: "remote", reason: `peer closed the connection (${code})${text}`, code };
}
