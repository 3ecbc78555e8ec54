/**
 * Bytes per frame. With its count it is one write, which an executor takes whole or not at all: a line that breaks leaves
 * no half a frame behind.
 */
const FRAME_MAX_BYTES = 256 * 1024 - 16;
/** Bytes that wait here before {@link FrameQueue.push} makes its caller wait. */
const QUEUE_MAX_BYTES = 1024 * 1024;

/** The frame that tells the end. */
const END = Buffer.from("0\n");

/** Turns a stream of bytes with an end into frames: what came while the last one was on its way makes up the next. */
export class FrameQueue {
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #state: "open" | "ending" | "ended" = "open";
  #waiting: (() => void)[] = [];

  /** Resolves when there is room for more, or nobody wants it. */
  async push(data: Uint8Array): Promise<void> {
    if (this.#state !== "open" || data.byteLength === 0) return;
    this.#chunks.push(data);
    this.#bytes += data.byteLength;
    this.#changed();
    while (this.#bytes > QUEUE_MAX_BYTES && this.#state === "open") await this.#change();
  }

  /** All of it has come. */
  end(): void {
    if (this.#state === "open") this.#state = "ending";
    this.#changed();
  }

  /** Nobody wants any: what waits is dropped. */
  discard(): void {
    this.#state = "ended";
    this.#chunks = [];
    this.#bytes = 0;
    this.#changed();
  }

  /** The next frame; undefined after the last. */
  async next(): Promise<Buffer | undefined> {
    while (this.#bytes === 0 && this.#state === "open") await this.#change();
    if (this.#bytes > 0) return this.#takeFrame();
    if (this.#state === "ended") return undefined;
    this.#state = "ended";
    return END;
  }

  #takeFrame(): Buffer {
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for (let first = this.#chunks[0]; first !== undefined && bytes < FRAME_MAX_BYTES; first = this.#chunks[0]) {
      const part = first.subarray(0, FRAME_MAX_BYTES - bytes);
      if (part.byteLength === first.byteLength) this.#chunks.shift();
      else this.#chunks[0] = first.subarray(part.byteLength);
      parts.push(part);
      bytes += part.byteLength;
    }
    this.#bytes -= bytes;
    this.#changed();
    return Buffer.concat([Buffer.from(`${bytes}\n`), ...parts]);
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #changed(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
