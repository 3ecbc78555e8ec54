const NO_DIGIT = 255;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const DIGITS = Uint8Array.from({ length: 128 }, (_, code) => {
  const digit = ALPHABET.indexOf(String.fromCharCode(code));
  return digit < 0 ? NO_DIGIT : digit;
});

/** Encode a byte string as base64url without padding. */
export function encodeBase64Url(byteString: string): string {
  let text = "";
  for (let start = 0; start < byteString.length; start += 3) {
    const chunk = byteString.slice(start, start + 3);
    const bits = (byteAt(chunk, 0) << 16) | (byteAt(chunk, 1) << 8) | byteAt(chunk, 2);
    for (let digit = 0; digit <= chunk.length; digit++) text += ALPHABET.charAt((bits >> (18 - 6 * digit)) & 63);
  }
  return text;
}

/** Decode canonical base64url to a byte string; `undefined` for padding, foreign characters or stray bits. */
export function decodeBase64Url(text: string): string | undefined {
  let byteString = "";
  let bits = 0;
  let bitCount = 0;
  for (let index = 0; index < text.length; index++) {
    const digit = DIGITS[text.charCodeAt(index)] ?? NO_DIGIT;
    if (digit === NO_DIGIT) return undefined;
    bits = ((bits << 6) | digit) & 0xffff;
    bitCount += 6;
    if (bitCount >= 8) {
      bitCount -= 8;
      byteString += String.fromCharCode((bits >> bitCount) & 0xff);
    }
  }
  const isCanonical = bitCount < 6 && (bits & ((1 << bitCount) - 1)) === 0;
  return isCanonical ? byteString : undefined;
}

function byteAt(byteString: string, index: number): number {
  return index < byteString.length ? byteString.charCodeAt(index) : 0;
}
