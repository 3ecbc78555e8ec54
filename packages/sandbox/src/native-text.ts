import { isUtf8 } from "node:buffer";

/** A byte that is no UTF-8 stands in a text as this much more: a half character, which no text has. */
const ESCAPE = 0xdc00;
const HALF_CHARACTER = /\p{Surrogate}/u;
const [LOWEST_ESCAPED, HIGHEST_ESCAPED] = [ESCAPE + 0x80, ESCAPE + 0xff];

/**
 * Bytes of the operating system as a text: UTF-8, and what is none as U+DC80 to U+DCFF, one for each byte, as Python does with
 * `surrogateescape`. Such a text can not cross a wire of JSON; within a process nothing of it is lost.
 */
export function nativeText(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes[at] ?? 0);
    const sequence = bytes.subarray(at, at + length);
    const isWhole = sequence.length === length && isUtf8(sequence);
    parts.push(isWhole ? sequence.toString("utf8") : String.fromCharCode(ESCAPE + (bytes[at] ?? 0)));
    at += isWhole ? length : 1;
  }
  return parts.join("");
}

/** Whether all of it is text: none of it stands for other bytes. */
export function isWholeText(text: string): boolean {
  return !HALF_CHARACTER.test(text);
}

/** The bytes that a text stands for. The inverse of {@link nativeText}; other half characters become U+FFFD. */
export function nativeBytes(text: string): Buffer {
  if (isWholeText(text)) return Buffer.from(text);
  const parts = Array.from(text, (character) => {
    const code = character.charCodeAt(0);
    return code >= LOWEST_ESCAPED && code <= HIGHEST_ESCAPED ? Buffer.of(code - ESCAPE) : Buffer.from(character);
  });
  return Buffer.concat(parts);
}

/** As the first byte says; 1 for one that begins nothing longer. */
function sequenceLength(first: number): number {
  if (first >= 0xf0) return 4;
  if (first >= 0xe0) return 3;
  return first >= 0xc0 ? 2 : 1;
}
