import { Readable } from "node:stream";
import { descriptorOf } from "../platform/stream-descriptor.ts";
import type { DrainSource } from "./exit-order.ts";

/**
 * Bytes after which other work gets a turn. A pipe that is refilled while it is read would otherwise be read thirty
 * times in a row, and a terminal beside it would wait for all of that.
 */
const TURN_BYTES = 128 * 1024;

/** `resting`: reads on in the next turn. `paused`: reads on when its owner says so. */
type Flow = "flowing" | "resting" | "paused";

/** Begins to read a stream, and hands on each piece, which is the taker's. */
export type OpenOutput = (data: (piece: Buffer) => void) => Readable;

/** A stream that is over already. */
export function endedOutput(): Readable {
  return new Readable().destroy();
}

/** One output stream of a child, read as bytes. */
export class OutputReader implements DrainSource {
  readonly hurry: (() => void) | undefined;
  readonly #stream: Readable;
  #bytesRead = 0;
  #ended = false;
  #flow: Flow = "flowing";
  #turnBytes = 0;

  /**
   * `ended` is called once, when the stream is over for any reason.
   *
   * @param hurry - Makes readable what the system holds back.
   */
  constructor(open: OpenOutput, on: { data(chunk: Buffer): void; ended(): void }, hurry?: () => void) {
    const stream = open((piece) => {
      this.#bytesRead += piece.length;
      on.data(piece);
      this.#giveWay(piece.length);
    });
    this.#stream = stream;
    this.hurry = hurry;
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
    return this.#flow === "paused";
  }

  get resting(): boolean {
    return this.#flow === "resting";
  }

  get bytesRead(): number {
    return this.#bytesRead;
  }

  pause(): void {
    this.#flow = "paused";
    this.#stream.pause();
  }

  resume(): void {
    if (this.#flow === "paused") this.#read();
  }

  abandon(): void {
    this.#stream.destroy();
  }

  /** For the next program, after what was read and not handed on was handed on; `undefined` once it is closed. */
  handOver(): number | undefined {
    const fd = descriptorOf(this.#stream);
    // What comes of it goes to the one that takes all pieces.
    while (this.#stream.readableLength > 0) this.#stream.read();
    return fd;
  }

  #giveWay(bytes: number): void {
    this.#turnBytes += bytes;
    if (this.#turnBytes < TURN_BYTES || this.#flow !== "flowing") return;
    this.#flow = "resting";
    this.#stream.pause();
    setImmediate(() => {
      if (this.#flow === "resting") this.#read();
    });
  }

  #read(): void {
    this.#flow = "flowing";
    this.#turnBytes = 0;
    this.#stream.resume();
  }
}
