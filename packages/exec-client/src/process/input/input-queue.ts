import { Fifo, Gate } from "@holdfast/rpc";
import { joinBytes } from "../join-bytes.ts";

/** Bytes of input that wait for the process before its source is asked for more. */
const QUEUE_MAX_BYTES = 1024 * 1024;
/** What a piece counts besides its bytes. */
const PIECE_OVERHEAD_BYTES = 64;

/** Input on its way to a process: what came while the last block was sent makes up the next. One reader, one writer. */
export class InputQueue {
  readonly #pieces = new Fifo<Uint8Array>();
  /** What the last block left of its last piece; it comes first. */
  #rest: Uint8Array | undefined;
  #load = 0;
  #state: "open" | "ended" | "discarded" = "open";
  readonly #changed = new Gate();

  /** Whether nobody wants any. */
  get isDiscarded(): boolean {
    return this.#state === "discarded";
  }

  /** Resolves when there is room for more, or nobody wants it. */
  async push(piece: Uint8Array): Promise<void> {
    if (this.#state !== "open" || piece.byteLength === 0) return;
    this.#pieces.push(piece);
    this.#load += piece.byteLength + PIECE_OVERHEAD_BYTES;
    this.#changed.open();
    while (this.#load > QUEUE_MAX_BYTES && this.#state === "open") await this.#changed.wait();
  }

  /** All of it has come. */
  end(): void {
    if (this.#state === "open") this.#state = "ended";
    this.#changed.open();
  }

  /** Nobody wants any: what waits is dropped. */
  discard(): void {
    this.#pieces.clear();
    this.#rest = undefined;
    this.#load = 0;
    this.#state = "discarded";
    this.#changed.open();
  }

  /** The next block, of at most so many bytes; undefined after the last. */
  async take(maxBytes: number): Promise<Uint8Array | undefined> {
    while (this.#load === 0 && this.#state === "open") await this.#changed.wait();
    if (this.#load === 0) return undefined;
    const block = this.#takeBlock(maxBytes);
    this.#changed.open();
    return block;
  }

  #takeBlock(maxBytes: number): Uint8Array {
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for (let piece = this.#next(); piece !== undefined; piece = bytes < maxBytes ? this.#next() : undefined) {
      const part = piece.subarray(0, maxBytes - bytes);
      const isWhole = part.byteLength === piece.byteLength;
      this.#rest = isWhole ? undefined : piece.subarray(part.byteLength);
      this.#load -= part.byteLength + (isWhole ? PIECE_OVERHEAD_BYTES : 0);
      parts.push(part);
      bytes += part.byteLength;
    }
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : joinBytes(parts);
  }

  #next(): Uint8Array | undefined {
    return this.#rest ?? this.#pieces.shift();
  }
}
