/**
 * Bytes of standard base64, in memory of their own: safe to hand to a caller who may transfer or keep them.
 *
 * @throws SyntaxError the text holds something else. The decoder skips that, and the rest would be a wrong answer.
 */
export const decodeBase64 = (text: string): Uint8Array<ArrayBuffer> => {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text, "base64"));
  const length = bytes.write(text, "base64");
  if (length !== bytes.byteLength) throw new SyntaxError("invalid base64");
  return new Uint8Array(bytes.buffer, bytes.byteOffset, length);
};

/** Standard base64 of bytes, or of the UTF-8 of a text. */
export const encodeBase64 = (data: string | Uint8Array): string => {
  if (typeof data === "string") return Buffer.from(data, "utf8").toString("base64");
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64");
};
