import { Base64Bytes } from "../base64/base64-bytes.ts";
import { decodeBase64Text } from "../base64/base64-text.ts";
import type { Inbound } from "../codec.ts";
import { isObject } from "../is-object.ts";

/** A frame with one long base64 left out of its text. */
export interface BulkText {
  /** JSON with `placeholder` where the base64 is. */
  readonly text: string;
  readonly placeholder: string;
  readonly member: string;
  /** The base64 itself, in the memory of the frame. */
  readonly base64: Buffer;
  /** The frame's memory is not shared, and most of it is the base64: who keeps the bytes keeps little else. */
  readonly isAlone: boolean;
}

/** Below this much the detour costs more than it saves. */
const MIN_CHARACTERS = 8 * 1024;

/** Messages with bulk have a dozen strings before it. Others have thousands, which are not to be walked twice. */
const MAX_STRINGS = 64;

const QUOTE = 34;
const COLON = 58;
const BACKSLASH = 92;

/** No peer can know it, so it stands for nothing else. Made when it is needed first: not every page in a browser may. */
let secret: string | undefined;

/**
 * Leave the first long base64 member out of a message: what is left is short, and the base64 never becomes a string.
 *
 * Undefined when there is none, and for everything unusual, which is left to be read as any other message.
 *
 * @param members - Names of the members that hold base64.
 * @throws TypeError from `decode`, for bytes that it refuses.
 */
export function bulkTextOf(
  frame: Buffer,
  members: ReadonlySet<string>,
  decode: (bytes: Uint8Array) => string,
): BulkText | undefined {
  if (frame.length < MIN_CHARACTERS) return undefined;
  const found = longMember(frame, members);
  if (found === undefined) return undefined;
  const { member, start, end } = found;
  secret ??= crypto.randomUUID();
  const text = decode(frame.subarray(0, start)) + secret + decode(frame.subarray(end));
  const isAlone = frame.byteLength === frame.buffer.byteLength && end - start >= frame.length / 2;
  return { text, placeholder: secret, member, base64: frame.subarray(start, end), isAlone };
}

/**
 * Put the bytes where the text has the placeholder, if that is a member of the params or of the result. A frame that shares
 * no memory is where they are afterwards.
 *
 * @returns false when it is elsewhere, or no base64; the frame is as it was.
 */
export function putBytes(message: Inbound, { placeholder, member, base64, isAlone }: BulkText): boolean {
  const owner = "params" in message ? message.params : "result" in message ? message.result : undefined;
  if (!isObject(owner) || owner[member] !== placeholder) return false;
  // New memory for every piece of bulk is what costs the garbage collector most.
  const bytes = decodeBase64Text(base64, isAlone ? "there" : "elsewhere");
  if (bytes === undefined) return false;
  owner[member] = new Base64Bytes(bytes);
  return true;
}

interface LongMember {
  readonly member: string;
  readonly start: number;
  readonly end: number;
}

function longMember(frame: Buffer, members: ReadonlySet<string>): LongMember | undefined {
  let name: readonly [start: number, end: number] = [0, 0];
  let at = 0;
  for (let strings = 0; strings < MAX_STRINGS; strings++) {
    const start = frame.indexOf(QUOTE, at) + 1;
    const end = start === 0 ? -1 : frame.indexOf(QUOTE, start);
    if (end === -1 || frame[end - 1] === BACKSLASH) return undefined;
    if (end - start >= MIN_CHARACTERS) {
      const member = frame.toString("latin1", ...name);
      return members.has(member) && frame[start - 2] === COLON ? { member, start, end } : undefined;
    }
    name = [start, end];
    at = end + 1;
  }
  return undefined;
}
