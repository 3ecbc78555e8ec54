import { fstatSync } from "node:fs";
import type { Context } from "../command-line/context.ts";

const STDIN = 0;

/** The input of this process. Reading begins when it is made, so that it is soon known whether there is any. */
export class LocalInput {
  readonly #stream: Context["stdin"];
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #first: Promise<IteratorResult<Buffer>>;

  constructor(stream: Context["stdin"]) {
    this.#stream = stream;
    this.#chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    this.#first = this.#chunks.next();
    // Told to whoever takes the chunks.
    this.#first.catch(() => {});
  }

  get isTerminal(): boolean {
    return this.#stream.isTTY === true;
  }

  /** Terminals only: hand over every key as it is pressed, also those that would raise a signal here. */
  setRaw(isRaw: boolean): void {
    this.#stream.setRawMode?.(isRaw);
  }

  /**
   * True when the input is known to be at its end without a single byte. A file or device can tell for sure; a pipe or
   * terminal that is still silent counts as not empty.
   */
  async isEmpty(): Promise<boolean> {
    const isAtEnd = this.#first.then(
      ({ done }) => done === true,
      () => false,
    );
    if (!this.isTerminal && !mayStaySilent()) return isAtEnd;
    const notYet = new Promise<false>((resolve) => setImmediate(() => resolve(false)));
    return Promise.race([isAtEnd, notYet]);
  }

  /** All of it, once. @throws the system's error when it cannot be read. */
  async *chunks(): AsyncGenerator<Buffer, void, void> {
    for (let chunk = await this.#first; chunk.done !== true; chunk = await this.#chunks.next()) yield chunk.value;
  }

  /** Want no more. A program that writes into this process's stdin learns it. */
  close(): void {
    this.#stream.destroy();
  }
}

/** Whether a read may wait for somebody else. */
function mayStaySilent(): boolean {
  const stats = fstatSync(STDIN);
  return stats.isFIFO() || stats.isSocket();
}
