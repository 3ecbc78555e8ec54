const PLAIN = /^[A-Za-z0-9!$&'()*+,;=@:[\]^|~._/-]*$/;
const ENCODED = /[^A-Za-z0-9!$&'()*+,;=@:[\]^|~._/-]/g;
const ESCAPE = /%([0-9A-Fa-f]{2})/g;
const ESCAPES = Array.from({ length: 256 }, (_, byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`);
/** Far from what a stack takes, longer than most names. */
const BYTES_AT_ONCE = 1_024;
const ASCII_MAX = 0x7f;
const SLASH = 0x2f;
const DOT = 0x2e;

/**
 * Bytes as text that stands in a URI: those that a URI may hold plain, slashes among them, and the others percent-encoded. For
 * names from the root of a tree, and what links say.
 */
export function treeNameOf(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += BYTES_AT_ONCE) {
    text += Reflect.apply(String.fromCharCode, undefined, bytes.subarray(at, at + BYTES_AT_ONCE));
  }
  return PLAIN.test(text) ? text : text.replace(ENCODED, (byte) => ESCAPES[byte.charCodeAt(0)] ?? byte);
}

/**
 * The bytes that {@link treeNameOf} wrote.
 *
 * @throws RangeError when it has a character that is to be encoded.
 */
export function treeNameBytes(text: string): Uint8Array<ArrayBuffer> {
  const decoded = text.includes("%")
    ? text.replace(ESCAPE, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : text;
  const bytes = new Uint8Array(decoded.length);
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = decoded.charCodeAt(index);
  for (let index = 0; index < text.length; index += 1) {
    if (text.charCodeAt(index) > ASCII_MAX) throw new RangeError("a name has a character that is not percent-encoded");
  }
  return bytes;
}

/**
 * Whether it is a name from the root of a tree, that leads nowhere else: no empty names, no `.` and `..`, no zero bytes.
 *
 * @param bytes - What {@link treeNameBytes} gave, or a name in an archive.
 */
export function isTreeName(bytes: Uint8Array): boolean {
  let start = 0;
  for (let at = 0; at <= bytes.length; at += 1) {
    const byte = at === bytes.length ? SLASH : bytes[at];
    if (byte === 0) return false;
    if (byte !== SLASH) continue;
    const length = at - start;
    if (length === 0) return false;
    if (length <= 2 && bytes[start] === DOT && (length === 1 || bytes[start + 1] === DOT)) return false;
    start = at + 1;
  }
  return true;
}
