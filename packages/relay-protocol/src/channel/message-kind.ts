/** What JSON can begin with is above. */
const LONGEST_HEAD_BYTE = 0x08;

/** Bytes of the number in front of a message, most significant first. */
export const PREFIX_BYTES = 4;

/**
 * Is this a message of bytes behind JSON, and not JSON alone? Both ride in the stream as they are, each behind its length: a binary one begins with
 * the length of its JSON, which within 64 MiB has a first byte of at most 4, and JSON begins with a character of at least 9. Codex's
 * releases never see one: who sends them has heard in `initialize` that the other end reads them.
 */
export function isBinaryMessage(message: Uint8Array): boolean {
  const [first] = message;
  return first !== undefined && first <= LONGEST_HEAD_BYTE;
}
