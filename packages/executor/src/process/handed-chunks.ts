import type { OutputChunk, OutputStream } from "./output-chunk.ts";

const STREAMS: readonly OutputStream[] = ["stdout", "stderr", "pty"];
/** Number (8 bytes), length (4), stream (1). */
const HEAD_BYTES = 13;
const [LENGTH_AT, STREAM_AT] = [8, 12];

/** What there is to know of chunks besides their bytes. */
export function chunkHeads(chunks: readonly OutputChunk[]): Buffer {
  const heads = Buffer.allocUnsafe(chunks.length * HEAD_BYTES);
  for (const [index, { seq, stream, data }] of chunks.entries()) {
    const at = index * HEAD_BYTES;
    heads.writeDoubleLE(seq, at);
    heads.writeUInt32LE(data.length, at + LENGTH_AT);
    heads.writeUInt8(STREAMS.indexOf(stream), at + STREAM_AT);
  }
  return heads;
}

/** The chunks again, as parts of `data`: that is kept until the last of them is dropped. */
export function* chunksOf(heads: Buffer, data: Buffer): Generator<OutputChunk> {
  let from = 0;
  for (let at = 0; at < heads.length; at += HEAD_BYTES) {
    const length = heads.readUInt32LE(at + LENGTH_AT);
    const stream = STREAMS[heads.readUInt8(at + STREAM_AT)] ?? "stdout";
    yield { seq: heads.readDoubleLE(at), stream, data: data.subarray(from, from + length) };
    from += length;
  }
}
