import { Transform, type TransformCallback } from "node:stream";

/** Passes an exact number of bytes of one direction, over whatever connections carry them, and then strikes once. */
export class CutCounter {
  #left: { bytes: number; readonly strike: () => void } | undefined;

  /** Let `bytes` more pass, then call `strike`. Replaces what was set before. */
  arm(bytes: number, strike: () => void): void {
    this.#left = { bytes, strike };
  }

  /** How much of `chunk` may pass before it strikes. */
  take(chunk: Buffer): { readonly passing: Buffer; readonly strike: (() => void) | undefined } {
    const left = this.#left;
    if (left === undefined) return { passing: chunk, strike: undefined };
    const passing = chunk.subarray(0, left.bytes);
    left.bytes -= passing.length;
    if (left.bytes > 0) return { passing, strike: undefined };
    this.#left = undefined;
    return { passing, strike: left.strike };
  }
}

/** The place on one connection where its direction's counter looks. */
export class CutPoint extends Transform {
  readonly #counter: CutCounter;
  readonly #onPassed: (bytes: number) => void;

  constructor(counter: CutCounter, onPassed: (bytes: number) => void) {
    super();
    this.#counter = counter;
    this.#onPassed = onPassed;
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    const { passing, strike } = this.#counter.take(chunk);
    this.#onPassed(passing.length);
    if (strike === undefined) {
      done(null, passing);
      return;
    }
    this.push(passing);
    // What may pass is handed to the socket within this turn.
    setImmediate(() => {
      strike();
      if (!this.destroyed) this._transform(chunk.subarray(passing.length), "binary", done);
    });
  }
}
