import { Transform, type TransformCallback } from "node:stream";

/** How a slow reader reads. */
export interface SlowReaderOptions {
  /** Bytes per second at most. Default: as fast as they come. */
  readonly bytesPerSecond?: number | undefined;
  /** Read nothing more after so many bytes. Default: never stop. */
  readonly stopAfterBytes?: number | undefined;
}

const SLICE_MS = 10;

/** Takes bytes no faster than it was told, so that the sender feels back-pressure. */
export class SlowReader extends Transform {
  readonly #sliceBytes: number;
  #leftBytes: number;
  #timer: NodeJS.Timeout | undefined;

  constructor({ bytesPerSecond, stopAfterBytes }: SlowReaderOptions) {
    super({ highWaterMark: 1_024 });
    this.#sliceBytes =
      bytesPerSecond === undefined
        ? Number.POSITIVE_INFINITY
        : Math.max(1, Math.floor((bytesPerSecond * SLICE_MS) / 1_000));
    this.#leftBytes = stopAfterBytes ?? Number.POSITIVE_INFINITY;
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    if (chunk.length === 0) {
      done();
      return;
    }
    const size = Math.min(chunk.length, this.#sliceBytes, this.#leftBytes);
    // Without an answer the stream asks for nothing more, for good.
    if (size === 0) return;
    this.#leftBytes -= size;
    this.push(chunk.subarray(0, size));
    const goOn = (): void => this._transform(chunk.subarray(size), "binary", done);
    if (this.#sliceBytes === Number.POSITIVE_INFINITY) goOn();
    else this.#timer = setTimeout(goOn, SLICE_MS);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#timer);
    done(error);
  }
}
