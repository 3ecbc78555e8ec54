/** Native bytes as text, one character each: names need not be UTF-8, and JSON has no bytes. */
export type ByteText = string;

export function byteText(bytes: Buffer): ByteText {
  return bytes.toString("latin1");
}

export function bytesOf(text: ByteText): Buffer {
  return Buffer.from(text, "latin1");
}
