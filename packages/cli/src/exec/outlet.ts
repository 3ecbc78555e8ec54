import { reasonOf } from "../command-line/failure.ts";
import { abandonOutput } from "../command-line/flushed.ts";

/** Bytes that may wait for a slow reader before no more events are taken. */
const UNWRITTEN_MAX_BYTES = 1024 * 1024;

/** Nobody reads the output any more. */
export class OutputClosedError extends Error {
  override readonly name = "OutputClosedError";
}

/** One of the two outputs of this process. Whoever waits for `write` takes events no faster than they are read here. */
export class Outlet {
  readonly #stream: NodeJS.WriteStream;
  readonly #name: string;
  #state: { readonly kind: "open" | "abandoned" } | { readonly kind: "broken"; readonly error: Error } = {
    kind: "open",
  };
  #wake: (() => void) | undefined;
  readonly #broken = Promise.withResolvers<never>();

  constructor(stream: NodeJS.WriteStream, name: string) {
    this.#stream = stream;
    this.#name = name;
    stream.on("error", (error) => this.#break(error));
    // Told to whoever waits for it.
    this.#broken.promise.catch(() => {});
  }

  /** Rejects as {@link write} does, as soon as it is known; never resolves. */
  get broken(): Promise<never> {
    return this.#broken.promise;
  }

  /**
   * Resolves when there is room for more.
   *
   * @throws OutputClosedError the reader is gone. @throws Error the system refuses to write.
   */
  async write(data: Uint8Array): Promise<void> {
    if (this.#state.kind === "open") this.#stream.write(data);
    if (this.#stream.writableLength > UNWRITTEN_MAX_BYTES) await this.#drained();
    this.#throwIfBroken();
  }

  /** Resolves when everything has been handed to the system. */
  async flush(): Promise<void> {
    if (this.#stream.writableLength > 0) await this.#drained();
    this.#throwIfBroken();
  }

  /** Wait for the reader no longer; what he has not taken may be lost. */
  abandon(): void {
    if (this.#state.kind === "open") this.#state = { kind: "abandoned" };
    abandonOutput(this.#stream);
    this.#wake?.();
  }

  async #drained(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      // "drain" is told only after a write that was refused; this is told in any case, after all that was written before.
      if (this.#state.kind === "open") this.#stream.write("", () => resolve());
      else resolve();
    });
    this.#wake = undefined;
  }

  #break(error: Error): void {
    const isClosed = "code" in error && error.code === "EPIPE";
    const text = `cannot write to ${this.#name}: ${reasonOf(error)}`;
    const cause = { cause: error };
    this.#state = {
      kind: "broken",
      error: isClosed ? new OutputClosedError(reasonOf(error), cause) : new Error(text, cause),
    };
    this.#broken.reject(this.#state.error);
    this.#wake?.();
  }

  #throwIfBroken(): void {
    if (this.#state.kind === "broken") throw this.#state.error;
  }
}
