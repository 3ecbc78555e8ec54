import type { Readable, Writable } from "node:stream";
import { STDIO_LIMITS } from "./limits.ts";

const LF = 0x0a;

/** What is said on a pair of pipes before the first frame. */
export interface Opening {
  /**
   * The next line without its end, undefined at the end of the input.
   *
   * @throws Error a line is longer than 64 KiB.
   */
  line(): Promise<string | undefined>;
  /** Resolves when the operating system has taken the bytes. */
  write(bytes: Uint8Array): Promise<void>;
}

/** Reads lines off a stream and leaves what follows them in it. */
export class StreamOpening implements Opening {
  readonly #input: Readable;
  readonly #output: Writable;
  #kept = Buffer.alloc(0);

  constructor(input: Readable, output: Writable) {
    this.#input = input;
    this.#output = output;
    // What breaks here is seen as an end, and told by whoever owns the streams.
    output.on("error", () => {});
    input.on("error", () => {});
  }

  async line(): Promise<string | undefined> {
    for (;;) {
      const end = this.#kept.indexOf(LF);
      if (end !== -1) {
        const line = this.#kept.toString("utf8", 0, end);
        this.#kept = this.#kept.subarray(end + 1);
        return line;
      }
      if (this.#kept.length > STDIO_LIMITS.openingLineMaxBytes) {
        throw new Error(`a line of more than ${STDIO_LIMITS.openingLineMaxBytes} bytes came before the first message`);
      }
      const chunk = await this.#chunk();
      if (chunk === undefined) return undefined;
      this.#kept = Buffer.concat([this.#kept, chunk]);
    }
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#output.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Give what was read too much back to the stream. */
  release(): void {
    if (this.#kept.length > 0) this.#input.unshift(this.#kept);
    this.#kept = Buffer.alloc(0);
  }

  #chunk(): Promise<Buffer | undefined> {
    const ready = this.#input.read() as Buffer | null;
    if (ready !== null) return Promise.resolve(ready);
    if (this.#input.readableEnded || this.#input.destroyed) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const settle = (): void => {
        this.#input.off("readable", onReadable).off("end", settle).off("close", settle).off("error", settle);
        resolve(undefined);
      };
      const onReadable = (): void => {
        const chunk = this.#input.read() as Buffer | null;
        if (chunk === null) return;
        this.#input.off("readable", onReadable).off("end", settle).off("close", settle).off("error", settle);
        resolve(chunk);
      };
      this.#input.on("readable", onReadable).on("end", settle).on("close", settle).on("error", settle);
    });
  }
}
