import { Transform, type TransformCallback } from "node:stream";

/** Lets bytes through while it is open. While it is shut nothing passes, the end of the line included. */
export class Gate extends Transform {
  #waiting: (() => void) | undefined;
  #state: "open" | "shut" = "open";

  shut(): void {
    this.#state = "shut";
  }

  open(): void {
    this.#state = "open";
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.#whenOpen(() => done(null, chunk));
  }

  override _flush(done: TransformCallback): void {
    this.#whenOpen(() => done());
  }

  #whenOpen(pass: () => void): void {
    if (this.#state === "open") pass();
    else this.#waiting = pass;
  }
}
