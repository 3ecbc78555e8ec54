import { invalidRequest } from "./faults.ts";

const HEX_LENGTH = 32;
const GROUPS = [8, 4, 4, 4, 12];
const PREFIX = "urn:uuid:";

/** @throws RpcFault - It is no UUID; `what` is what the error calls it. */
export function checkThreadId(text: string, what = "thread id"): void {
  const problem = uuidProblem(text);
  if (problem !== undefined) throw invalidRequest(`invalid ${what}: ${problem}`);
}

/** Why a text is no UUID, in the words that clients know. */
function uuidProblem(text: string): string | undefined {
  const start = text.startsWith(PREFIX) ? PREFIX.length : 0;
  const uuid = text.slice(start);
  const characters = [...uuid];
  const stray = characters.findIndex((character) => !/[0-9a-fA-F-]/.test(character));
  if (stray !== -1) {
    const expected = "expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-]";
    return `invalid character: ${expected}, found \`${characters[stray]}\` at ${start + stray + 1}`;
  }
  const groups = uuid.split("-");
  if (groups.length === 1) {
    const { length } = uuid;
    return length === HEX_LENGTH ? undefined : `invalid length: expected length 32 for simple format, found ${length}`;
  }
  if (groups.length !== GROUPS.length) return `invalid group count: expected 5, found ${groups.length}`;
  const wrong = groups.findIndex((group, index) => group.length !== GROUPS[index]);
  if (wrong === -1) return undefined;
  return `invalid group length in group ${wrong}: expected ${GROUPS[wrong]}, found ${groups[wrong]?.length}`;
}
