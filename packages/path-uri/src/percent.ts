/*
 * Percent-encoding over "byte strings": strings whose every character stands for one byte (U+0000 to U+00FF).
 * They compare, split and join like text, and lose no byte of a name that is not UTF-8.
 */

const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lossyUtf8 = new TextDecoder("utf-8", { ignoreBOM: true });

const ESCAPE = /%([0-9A-Fa-f]{2})/g;
const NON_ASCII = /[\u0080-\uffff]+/g;
const ENCODED_IN_SEGMENT = /[^A-Za-z0-9!$&'()*+,;=@:[\]^|~._-]/g;
const ANY_BYTE = /./gs;
const LONE_SURROGATE = /\p{Surrogate}/u;
/** Bytes handed to one call as its arguments: far from what a stack takes, longer than most paths. */
const MOST_ARGUMENTS = 1024;
const ESCAPES = Array.from({ length: 256 }, (_, byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`);

export function bytesToByteString(bytes: Uint8Array): string {
  if (bytes.length <= MOST_ARGUMENTS) return Reflect.apply(String.fromCharCode, undefined, bytes);
  let text = "";
  for (let start = 0; start < bytes.length; start += MOST_ARGUMENTS) {
    text += bytesToByteString(bytes.subarray(start, start + MOST_ARGUMENTS));
  }
  return text;
}

export function byteStringToBytes(byteString: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(byteString.length);
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = byteString.charCodeAt(index);
  return bytes;
}

/** The UTF-8 bytes of text. */
export function textToByteString(text: string): string {
  return text.replace(NON_ASCII, (run) => bytesToByteString(utf8.encode(run)));
}

/** The text that the bytes spell in UTF-8, or `undefined` when they spell none. */
export function byteStringToText(byteString: string): string | undefined {
  if (!hasHighByte(byteString)) return byteString;
  try {
    return strictUtf8.decode(byteStringToBytes(byteString));
  } catch {
    return undefined;
  }
}

/** The text that the bytes spell in UTF-8, with U+FFFD where they spell none. */
export function byteStringToLossyText(byteString: string): string {
  return hasHighByte(byteString) ? lossyUtf8.decode(byteStringToBytes(byteString)) : byteString;
}

/** Decode once. What is no valid escape stays as it is, so `100%` and `%zz` are ordinary names. */
export function percentDecode(encoded: string): string {
  if (!encoded.includes("%")) return encoded;
  return encoded.replace(ESCAPE, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Encode what is not ASCII; half a surrogate pair becomes U+FFFD. */
export function percentEncodeText(text: string): string {
  return text.replace(NON_ASCII, (run) =>
    hasLoneSurrogate(run) ? textToByteString(run).replace(ANY_BYTE, percentEncodeByte) : encodeURIComponent(run),
  );
}

/** Encode the bytes of one native path segment, separators of other systems included. */
export function percentEncodeSegment(byteString: string): string {
  return byteString.replace(ENCODED_IN_SEGMENT, percentEncodeByte);
}

export function percentEncodeByte(byte: string): string {
  return ESCAPES[byte.charCodeAt(0)] ?? byte;
}

/** Does the text hold half of a surrogate pair? Such text has no UTF-8 form. */
export function hasLoneSurrogate(text: string): boolean {
  return LONE_SURROGATE.test(text);
}

function hasHighByte(byteString: string): boolean {
  return /[\u0080-\u00ff]/.test(byteString);
}
