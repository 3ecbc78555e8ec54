/** Decode a file's text. @throws RangeError for an encoding that is not known. */
export function decodeText(bytes: Uint8Array, encoding = "utf-8"): string {
  return new TextDecoder(encoding).decode(bytes);
}

/** Encode a text: in UTF-8, or as Node's buffers do. @throws RangeError for an encoding that is not known. */
export function encodeText(text: string, encoding = "utf-8"): Uint8Array {
  if (/^utf-?8$/i.test(encoding)) return new TextEncoder().encode(text);
  if (!Buffer.isEncoding(encoding)) throw new RangeError(`unknown encoding ${JSON.stringify(encoding)}`);
  return Buffer.from(text, encoding);
}

/** Lines from `start` to `end`, counted from 1 and both included, with what ends them. */
export function linesBetween(text: string, start = 1, end = Number.POSITIVE_INFINITY): string {
  if (!(Number.isInteger(start) && start >= 1))
    throw new RangeError(`startLine must be a whole number from 1, not ${start}`);
  if (!(end >= start)) throw new RangeError(`endLine must be ${start} or more, not ${end}`);
  if (start === 1 && end === Number.POSITIVE_INFINITY) return text;
  const lines = text.split(/(?<=\n)/);
  return lines.slice(start - 1, end).join("");
}
