import { ERROR_CODES } from "@holdfast/app-server-protocol";
import { RpcFault } from "@holdfast/rpc";

const UUID = /^(?:urn:uuid:)?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/i;

/**
 * The id of a thread, as it is written in files.
 *
 * @param what - `thread` or `session`, for the refusal.
 * @throws RpcFault - It is none.
 */
export function readThreadId(
  id: string,
  what: "thread" | "session" | "included thread" = "thread",
  code: number = ERROR_CODES.InvalidRequest,
): string {
  const match = UUID.exec(id);
  if (match === null) throw new RpcFault(code, `invalid ${what} id: ${problemOf(id)}`);
  return match.slice(1).join("-").toLowerCase();
}

function problemOf(id: string): string {
  const at = id.search(/[^0-9a-fA-F-]/);
  if (at === -1) return `invalid length: expected length 32 for simple format, found ${id.length}`;
  const expected = "expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-]";
  return `invalid character: ${expected}, found \`${id.charAt(at)}\` at ${at + 1}`;
}

const TIME_DIGITS = 12;

/** When a thread was made, by its id, in Unix milliseconds. Undefined: its id does not say. */
export function timeOfThreadId(id: string): number | undefined {
  const digits = id.replaceAll("-", "");
  return digits.charAt(TIME_DIGITS) === "7" ? Number.parseInt(digits.slice(0, TIME_DIGITS), 16) : undefined;
}
