import { Fifo, Gate } from "@holdfast/rpc";
import { ARRIVED_MAX_BYTES } from "./limits.ts";

/** Output of one stream that has arrived and waits to be taken. */
export class ArrivedOutput {
  readonly #chunks = new Fifo<Uint8Array>();
  readonly #news = new Gate();
  readonly #room = new Gate();
  #waitingBytes = 0;
  #hasEnded = false;
  #isDropped = false;

  /** Nothing more arrives. What has arrived may still wait. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Whether more should wait for {@link ArrivedOutput.whenRoom}. */
  get isFull(): boolean {
    return this.#waitingBytes >= ARRIVED_MAX_BYTES;
  }

  push(chunk: Uint8Array): void {
    if (this.#isDropped) return;
    this.#chunks.push(chunk);
    this.#waitingBytes += chunk.byteLength;
    this.#news.open();
  }

  end(): void {
    this.#hasEnded = true;
    this.#news.open();
  }

  take(): Uint8Array | undefined {
    const chunk = this.#chunks.shift();
    if (chunk === undefined) return undefined;
    this.#waitingBytes -= chunk.byteLength;
    if (!this.isFull) this.#room.open();
    return chunk;
  }

  /** Nobody takes any more: what waits and what comes is let go. */
  drop(): void {
    this.#isDropped = true;
    this.#chunks.clear();
    this.#waitingBytes = 0;
    this.#room.open();
  }

  /** Resolves when something arrives, or the stream ends. */
  whenNews(): Promise<void> {
    return this.#news.wait();
  }

  whenRoom(): Promise<void> {
    return this.isFull ? this.#room.wait() : Promise.resolve();
  }
}
