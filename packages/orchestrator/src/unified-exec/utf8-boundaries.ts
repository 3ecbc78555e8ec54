const CONTINUATION_MASK = 0b1100_0000;
const CONTINUATION = 0b1000_0000;
const LONGEST_CHARACTER_BYTES = 4;

/** Bytes at the end of `bytes` that are the beginning of a character whose rest is missing. */
export function unfinishedBytes(bytes: Uint8Array): number {
  for (let count = 1; count < LONGEST_CHARACTER_BYTES && count <= bytes.length; count += 1) {
    const byte = bytes[bytes.length - count] as number;
    if (isContinuation(byte)) continue;
    return lengthOf(byte) > count ? count : 0;
  }
  return 0;
}

/** The last place at or before `at` where a character begins. */
export function boundaryBefore(bytes: Uint8Array, at: number): number {
  for (let place = at; place > 0 && place > at - LONGEST_CHARACTER_BYTES; place -= 1) {
    if (place >= bytes.length || !isContinuation(bytes[place] as number)) return place;
  }
  // No UTF-8: one place is as good as another.
  return at;
}

/** The first place at or behind `at` where a character begins. */
export function boundaryAfter(bytes: Uint8Array, at: number): number {
  for (let place = at; place < at + LONGEST_CHARACTER_BYTES; place += 1) {
    if (place >= bytes.length || !isContinuation(bytes[place] as number)) return place;
  }
  return at;
}

function isContinuation(byte: number): boolean {
  return (byte & CONTINUATION_MASK) === CONTINUATION;
}

/** Of the character that begins with this byte; 1 for a byte that begins none. */
function lengthOf(byte: number): number {
  if (byte >= 0b1111_0000) return byte < 0b1111_1000 ? 4 : 1;
  if (byte >= 0b1110_0000) return 3;
  return byte >= 0b1100_0000 ? 2 : 1;
}
