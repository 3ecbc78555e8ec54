import type { OutputChunk, OutputStream } from "../process/output-chunk.ts";

const STREAMS: readonly OutputStream[] = ["stdout", "stderr", "pty"];
/** Sequence number (6 bytes), stream (1), length (4). */
const HEADER_BYTES = 11;
const SEQ_BYTES = 6;

/** Chunks as one piece of a file: each behind a header that tells its number, its stream and its length. */
export function encodeRecords(chunks: readonly OutputChunk[]): Buffer {
  const total = chunks.reduce((sum, { data }) => sum + HEADER_BYTES + data.length, 0);
  const bytes = Buffer.allocUnsafe(total);
  let at = 0;
  for (const { seq, stream, data } of chunks) {
    bytes.writeUIntLE(seq, at, SEQ_BYTES);
    bytes.writeUInt8(STREAMS.indexOf(stream), at + SEQ_BYTES);
    bytes.writeUInt32LE(data.length, at + SEQ_BYTES + 1);
    at += HEADER_BYTES;
    data.copy(bytes, at);
    at += data.length;
  }
  return bytes;
}

/** The chunks of a whole piece with a number above `afterSeq`. Their bytes are views of `bytes`. */
export function decodeRecords(bytes: Buffer, afterSeq: number): readonly OutputChunk[] {
  const chunks: OutputChunk[] = [];
  let at = 0;
  while (at < bytes.length) {
    const seq = bytes.readUIntLE(at, SEQ_BYTES);
    const stream = STREAMS[bytes.readUInt8(at + SEQ_BYTES)] ?? "stdout";
    const length = bytes.readUInt32LE(at + SEQ_BYTES + 1);
    at += HEADER_BYTES;
    if (seq > afterSeq) chunks.push({ seq, stream, data: bytes.subarray(at, at + length) });
    at += length;
  }
  return chunks;
}
