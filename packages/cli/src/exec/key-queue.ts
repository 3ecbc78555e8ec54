/** Bytes that may wait to be taken. A paste has room here; what a stuck line leaves behind is no harm to memory. */
const QUEUE_MAX_BYTES = 16 * 1024 * 1024;

/**
 * What was typed and nobody has taken yet.
 *
 * It is filled whether anybody takes it or not: keys that stay in the terminal belong to whoever reads it next, which is
 * the shell that started this program.
 */
export class KeyQueue implements AsyncIterator<Buffer, undefined> {
  #chunks: Buffer[] = [];
  #bytes = 0;
  #state: { readonly kind: "open" | "ended" | "unwanted" } | { readonly kind: "failed"; readonly error: unknown } = {
    kind: "open",
  };
  #wake: (() => void) | undefined;

  /** @returns false when there was no room: the keys are gone. */
  push(keys: Buffer): boolean {
    if (this.#state.kind !== "open") return true;
    if (this.#bytes + keys.byteLength > QUEUE_MAX_BYTES) return false;
    this.#chunks.push(keys);
    this.#bytes += keys.byteLength;
    this.#wake?.();
    return true;
  }

  /** No more keys will come. What waits can still be taken. */
  end(): void {
    if (this.#state.kind === "open") this.#state = { kind: "ended" };
    this.#wake?.();
  }

  /** The terminal can not be read any more. */
  fail(error: unknown): void {
    if (this.#state.kind === "open") this.#state = { kind: "failed", error };
    this.#wake?.();
  }

  /** Nobody will take any: what waits and what comes is dropped. */
  discard(): void {
    this.#state = { kind: "unwanted" };
    this.#chunks = [];
    this.#bytes = 0;
    this.#wake?.();
  }

  /** All that waits, in one piece; or the next keys. */
  async next(): Promise<IteratorResult<Buffer, undefined>> {
    while (this.#bytes === 0 && this.#state.kind === "open") {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    if (this.#bytes > 0) return { done: false, value: this.#takeAll() };
    if (this.#state.kind === "failed") throw this.#state.error;
    return { done: true, value: undefined };
  }

  #takeAll(): Buffer {
    const [only] = this.#chunks;
    const all = this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#bytes = 0;
    return all;
  }
}
