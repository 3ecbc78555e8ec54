import type { HostClient } from "../host-client.ts";
import type { OutputSink } from "./drain-output.ts";
import { DELTA_MAX_BYTES, KEPT_MAX_BYTES } from "./limits.ts";
import { outputText } from "./output-text.ts";

/** Of one stream of a process: what of it is told, and how. */
export interface StreamSink extends OutputSink {
  /** The bound was reached: the rest was left out. */
  readonly hasReachedCap: boolean;
  /** What was kept for the end. */
  text(): string;
}

/** Keeps the beginning of a stream for the end. */
export class KeptOutput implements StreamSink {
  readonly #capBytes: number;
  readonly #onTooMuch: () => void;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #hasReachedCap = false;

  /**
   * @param capBytes - How much is kept; `Infinity`: as much as an answer can hold.
   * @param onTooMuch - There was more than that before the cap was reached.
   */
  constructor(capBytes: number, onTooMuch: () => void) {
    this.#capBytes = capBytes;
    this.#onTooMuch = onTooMuch;
  }

  get hasReachedCap(): boolean {
    return this.#hasReachedCap;
  }

  add(chunk: Uint8Array): boolean {
    const room = Math.min(this.#capBytes, KEPT_MAX_BYTES) - this.#bytes;
    const kept = chunk.byteLength <= room ? chunk : chunk.slice(0, room);
    this.#chunks.push(kept);
    this.#bytes += kept.byteLength;
    if (kept !== chunk && this.#bytes < this.#capBytes) this.#onTooMuch();
    this.#hasReachedCap = kept !== chunk || this.#bytes >= this.#capBytes;
    return !this.#hasReachedCap;
  }

  text(): string {
    const text = outputText(Buffer.concat(this.#chunks, this.#bytes));
    this.#chunks = [];
    return text;
  }
}

/** One piece of a stream, as clients are told it. */
export interface OutputDelta {
  readonly deltaBase64: string;
  readonly capReached: boolean;
}

/** How a stream is told. */
export interface TellingOptions {
  readonly tell: (delta: OutputDelta) => void;
  /** Nothing is told before it resolves. Default: at once. */
  readonly from?: Promise<void> | undefined;
}

/** Tells the client of a stream as it comes, at the client's pace. */
export class ToldOutput implements StreamSink {
  readonly #capBytes: number;
  readonly #client: HostClient;
  readonly #options: TellingOptions;
  #bytes = 0;
  #hasReachedCap = false;

  /** @param capBytes - How much is told; `Infinity`: all. */
  constructor(capBytes: number, client: HostClient, options: TellingOptions) {
    this.#capBytes = capBytes;
    this.#client = client;
    this.#options = options;
  }

  get hasReachedCap(): boolean {
    return this.#hasReachedCap;
  }

  async add(chunk: Uint8Array): Promise<boolean> {
    const { tell, from } = this.#options;
    if (this.#bytes === 0) await from;
    for (let rest = chunk; ; ) {
      if (!this.#client.writable) await this.#client.whenWritable();
      const piece = rest.subarray(0, Math.min(DELTA_MAX_BYTES, this.#capBytes - this.#bytes));
      this.#bytes += piece.byteLength;
      const capReached = this.#bytes >= this.#capBytes;
      this.#hasReachedCap = capReached;
      const { buffer, byteOffset, byteLength } = piece;
      tell({ deltaBase64: Buffer.from(buffer, byteOffset, byteLength).toString("base64"), capReached });
      if (capReached) return false;
      rest = rest.subarray(piece.byteLength);
      if (rest.byteLength === 0) return true;
    }
  }

  text(): string {
    return "";
  }
}
