const FIN_BINARY = 0x82;
const MASKED = 0x80;
/** Marks of a length that follows in 2 and in 8 bytes. */
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const MASK_BYTES = 4;

/**
 * What comes before the payload of a binary message in one frame (RFC 6455, 5.2).
 *
 * @param side - Clients mask what they send: this is the head for a mask of zeros, which changes nothing.
 */
export function binaryFrameHead(payloadBytes: number, side: "client" | "server"): Buffer {
  const lengthBytes = payloadBytes < LENGTH_16 ? 0 : payloadBytes <= 0xffff ? 2 : 8;
  const maskBytes = side === "client" ? MASK_BYTES : 0;
  const head = Buffer.alloc(2 + lengthBytes + maskBytes);
  head[0] = FIN_BINARY;
  head[1] =
    (side === "client" ? MASKED : 0) | (lengthBytes === 0 ? payloadBytes : lengthBytes === 2 ? LENGTH_16 : LENGTH_64);
  if (lengthBytes === 2) head.writeUInt16BE(payloadBytes, 2);
  else if (lengthBytes === 8) head.writeBigUInt64BE(BigInt(payloadBytes), 2);
  return head;
}
