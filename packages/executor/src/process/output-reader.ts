import type { Readable } from "node:stream";
import type { DrainSource } from "./exit-order.ts";

/** One output stream of a child, read as bytes. */
export class OutputReader implements DrainSource {
  readonly hurry: (() => void) | undefined;
  readonly #stream: Readable;
  #bytesRead = 0;
  #ended = false;

  /**
   * `ended` is called once, when the stream is over for whatever reason.
   *
   * @param hurry - Makes readable what the system holds back.
   */
  constructor(stream: Readable, on: { data(chunk: Buffer): void; ended(): void }, hurry?: () => void) {
    this.#stream = stream;
    this.hurry = hurry;
    stream.on("data", (chunk: Buffer) => {
      this.#bytesRead += chunk.length;
      on.data(chunk);
    });
    // A terminal whose last holder is gone answers EIO: that is its way to say "end".
    stream.on("error", () => stream.destroy());
    stream.on("close", () => {
      this.#ended = true;
      on.ended();
    });
  }

  get ended(): boolean {
    return this.#ended;
  }

  get paused(): boolean {
    return this.#stream.isPaused();
  }

  get bytesRead(): number {
    return this.#bytesRead;
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  abandon(): void {
    this.#stream.destroy();
  }
}
