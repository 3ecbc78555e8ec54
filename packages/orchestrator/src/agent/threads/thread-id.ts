import { ERROR_CODES } from "@holdfast/app-server-protocol";
import { RpcFault } from "@holdfast/rpc";

const UUID = /^(?:urn:uuid:)?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/i;
const PREFIX = "urn:uuid:";
/** Digits of each group. */
const GROUPS = [8, 4, 4, 4, 12];

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

/** Why a text is no UUID, in the words that clients know. */
function problemOf(id: string): string {
  const start = id.startsWith(PREFIX) ? PREFIX.length : 0;
  const uuid = id.slice(start);
  const characters = [...uuid];
  const stray = characters.findIndex((character) => !/[0-9a-fA-F-]/.test(character));
  if (stray !== -1) {
    const expected = "expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-]";
    return `invalid character: ${expected}, found \`${characters[stray]}\` at ${start + stray + 1}`;
  }
  const groups = uuid.split("-");
  if (groups.length === 1) return `invalid length: expected length 32 for simple format, found ${uuid.length}`;
  if (groups.length !== GROUPS.length) return `invalid group count: expected 5, found ${groups.length}`;
  const wrong = groups.findIndex((group, index) => group.length !== GROUPS[index]);
  return `invalid group length in group ${wrong}: expected ${GROUPS[wrong]}, found ${groups[wrong]?.length}`;
}

const TIME_DIGITS = 12;

/** When a thread was made, by its id, in Unix milliseconds. Undefined: its id does not say. */
export function timeOfThreadId(id: string): number | undefined {
  const digits = id.replaceAll("-", "");
  return digits.charAt(TIME_DIGITS) === "7" ? Number.parseInt(digits.slice(0, TIME_DIGITS), 16) : undefined;
}
