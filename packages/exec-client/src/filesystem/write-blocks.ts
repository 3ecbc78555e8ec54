import type { BlockSink } from "./block-sink.ts";

/** Hand bytes on in blocks of the size that the sink wants. The bytes must not change meanwhile. */
export async function writeBlocks(sink: BlockSink, data: Uint8Array, signal: AbortSignal): Promise<void> {
  for (let at = 0; at < data.byteLength; at += sink.blockBytes) {
    signal.throwIfAborted();
    await sink.write(data.subarray(at, at + sink.blockBytes));
  }
}

/** The same for bytes that come piece by piece. */
export async function writePieces(sink: BlockSink, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  const blocks = new BlockGatherer(sink);
  for await (const piece of pieces) await blocks.add(piece);
  await blocks.flush();
}

/** Gathers chunks of any size into blocks, in memory of its own: the writer may reuse its buffers. */
export class BlockGatherer {
  readonly #sink: BlockSink;
  /** Blocks that the sink needs no more. */
  readonly #free: Uint8Array<ArrayBuffer>[] = [];
  #block: Uint8Array<ArrayBuffer> | undefined;
  #bytes = 0;

  constructor(sink: BlockSink) {
    this.#sink = sink;
  }

  /** Resolves when there is room for more. */
  async add(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.byteLength; ) {
      this.#block ??= this.#free.pop() ?? new Uint8Array(this.#sink.blockBytes);
      const taken = chunk.subarray(at, at + this.#block.byteLength - this.#bytes);
      this.#block.set(taken, this.#bytes);
      this.#bytes += taken.byteLength;
      at += taken.byteLength;
      if (this.#bytes === this.#block.byteLength) await this.flush();
    }
  }

  async flush(): Promise<void> {
    const whole = this.#block;
    const bytes = this.#bytes;
    this.#block = undefined;
    this.#bytes = 0;
    if (whole !== undefined) await this.#sink.write(whole.subarray(0, bytes), () => this.#free.push(whole));
  }
}
