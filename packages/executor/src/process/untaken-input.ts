import type { Writable } from "node:stream";
import { untakenBytes } from "../platform/stream-descriptor.ts";

/** What was written to a stream and has not gone out as a whole. */
export class UntakenInput {
  readonly #stream: Writable;
  readonly #pieces: Buffer[] = [];

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  /** Call with each write. */
  add(data: Buffer): void {
    this.#pieces.push(data);
  }

  /** Call when the oldest write is done. */
  shift(): void {
    this.#pieces.shift();
  }

  /** What the system has not taken: the end of the oldest, and all that came after it. */
  rest(): readonly Buffer[] {
    const written = this.#pieces.reduce((sum, { length }) => sum + length, 0);
    let taken = written - Math.min(written, untakenBytes(this.#stream));
    return this.#pieces.flatMap((piece) => {
      const skipped = Math.min(taken, piece.length);
      taken -= skipped;
      return skipped === piece.length ? [] : [piece.subarray(skipped)];
    });
  }
}
