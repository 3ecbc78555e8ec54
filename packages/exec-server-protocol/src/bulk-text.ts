import { BASE64_MEMBERS, Base64Bytes } from "./base64-bytes.ts";
import { decodeBase64Text } from "./base64-text.ts";
import type { Inbound } from "./envelope-types.ts";

/** A text with one long base64 taken out, and what to put back. */
export interface BulkText {
  /** JSON with `placeholder` where the base64 was. */
  readonly text: string;
  readonly member: string;
  readonly placeholder: string;
  readonly bytes: Base64Bytes;
}

/** Below this much the detour costs more than it saves. */
const MIN_CHARACTERS = 8 * 1024;

/** Messages with bulk have a dozen strings before it. Others have thousands, which are not to be walked twice. */
const MAX_STRINGS = 64;

const QUOTE = 34;
const COLON = 58;
const BACKSLASH = 92;

const MEMBERS: ReadonlySet<string> = new Set(BASE64_MEMBERS);

/** No peer can know it, so it stands for nothing else. Made when it is needed first: not every page in a browser may. */
let secret: string | undefined;

/**
 * Take the first long base64 member out of a message, decoded: what is left is short, and the base64 never becomes a string.
 *
 * Undefined when there is none, and for everything unusual, which is left to be read as any other message.
 *
 * @param allocate - Memory for the decoded bytes.
 * @throws TypeError from `decode`, for bytes that it refuses.
 */
export function bulkTextOf(
  frame: Buffer,
  decode: (bytes: Uint8Array) => string,
  allocate: (bytes: number) => Buffer,
): BulkText | undefined {
  if (frame.length < MIN_CHARACTERS) return undefined;
  const found = longMember(frame);
  if (found === undefined) return undefined;
  const { member, start, end } = found;
  const bytes = decodeBase64Text(frame.subarray(start, end), allocate);
  if (bytes === undefined) return undefined;
  secret ??= crypto.randomUUID();
  const text = decode(frame.subarray(0, start)) + secret + decode(frame.subarray(end));
  return { text, member, placeholder: secret, bytes: new Base64Bytes(bytes) };
}

/** Put the bytes where they were: a member of the params or of the result. @returns false when they were elsewhere. */
export function putBack(message: Inbound, { member, placeholder, bytes }: BulkText): boolean {
  const owner = "params" in message ? message.params : "result" in message ? message.result : undefined;
  if (!isObject(owner) || owner[member] !== placeholder) return false;
  owner[member] = bytes;
  return true;
}

interface LongMember {
  readonly member: string;
  readonly start: number;
  readonly end: number;
}

function longMember(frame: Buffer): LongMember | undefined {
  let name: readonly [start: number, end: number] = [0, 0];
  let at = 0;
  for (let strings = 0; strings < MAX_STRINGS; strings++) {
    const start = frame.indexOf(QUOTE, at) + 1;
    const end = start === 0 ? -1 : frame.indexOf(QUOTE, start);
    if (end === -1 || frame[end - 1] === BACKSLASH) return undefined;
    if (end - start >= MIN_CHARACTERS) {
      const member = frame.toString("latin1", ...name);
      return MEMBERS.has(member) && frame[start - 2] === COLON ? { member, start, end } : undefined;
    }
    name = [start, end];
    at = end + 1;
  }
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
