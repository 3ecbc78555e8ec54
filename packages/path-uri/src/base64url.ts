const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

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
  for (const char of text) {
    const digit = ALPHABET.indexOf(char);
    if (digit < 0) return undefined;
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
