import type { Readable, Writable } from "node:stream";

/** Bytes of the length before each packet. */
const LENGTH_BYTES = 2;

/** Write a packet so that {@link readPackets} finds its end. */
export function writePacket(stream: Writable, packet: Buffer): void {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt16BE(packet.byteLength);
  stream.write(Buffer.concat([length, packet]));
}

/** Take the packets out of a stream, in order. */
export function readPackets(stream: Readable, take: (packet: Buffer) => void): void {
  let rest: Buffer = Buffer.alloc(0);
  stream.on("data", (chunk: Buffer) => {
    rest = rest.byteLength === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (rest.byteLength - at >= LENGTH_BYTES) {
      const end = at + LENGTH_BYTES + rest.readUInt16BE(at);
      if (end > rest.byteLength) break;
      take(rest.subarray(at + LENGTH_BYTES, end));
      at = end;
    }
    rest = rest.subarray(at);
  });
}
