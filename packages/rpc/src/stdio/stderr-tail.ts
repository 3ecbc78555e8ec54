import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { Clock } from "../clock.ts";
import { STDIO_LIMITS } from "./limits.ts";
import { printable } from "./printable.ts";

/** The end of what a child wrote to stderr. */
export class StderrTail {
  readonly #stderr: Readable;
  readonly #clock: Clock;
  readonly #decoder = new StringDecoder("utf8");
  readonly #ended = Promise.withResolvers<void>();
  #text = "";

  constructor(stderr: Readable, clock: Clock) {
    this.#stderr = stderr;
    this.#clock = clock;
    stderr.once("close", () => this.#ended.resolve());
    stderr.once("end", () => this.#ended.resolve());
  }

  add(chunk: Uint8Array): void {
    this.#text = (this.#text + this.#decoder.write(Buffer.from(chunk))).slice(-STDIO_LIMITS.stderrTailCharacters);
  }

  /**
   * Its last lines as one, once the child is gone; empty when it wrote none. What a grandchild holds open is not waited for longer
   * than a moment.
   */
  async told(): Promise<string> {
    if (!this.#stderr.readableEnded) {
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const timer = this.#clock.after(STDIO_LIMITS.stderrTailWaitMs, resolve);
      await Promise.race([this.#ended.promise, late]);
      timer.cancel();
    }
    return printable(this.#text);
  }
}
