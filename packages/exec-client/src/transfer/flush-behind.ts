import type { FileHandle } from "node:fs/promises";

/** Bytes that are written before the disk is told to begin. */
const STRETCH_BYTES = 64 * 1024 * 1024;

/** Has the disk take what is written while more comes, so that at the end of a large file little is left to wait for. */
export class FlushBehind {
  readonly #file: Pick<FileHandle, "datasync">;
  #bytes = 0;
  #flush: Promise<void> | undefined;
  #failure: { readonly reason: unknown } | undefined;

  constructor(file: Pick<FileHandle, "datasync">) {
    this.#file = file;
  }

  wrote(bytes: number): void {
    this.#bytes += bytes;
    if (this.#flush !== undefined || this.#bytes < STRETCH_BYTES) return;
    this.#bytes = 0;
    this.#flush = this.#file.datasync().then(
      () => {
        this.#flush = undefined;
      },
      (reason: unknown) => {
        this.#flush = undefined;
        this.#failure ??= { reason };
      },
    );
  }

  /** @throws what the disk said: the system tells it once, and a later flush would know nothing of it. */
  async end(): Promise<void> {
    await this.#flush;
    if (this.#failure !== undefined) throw this.#failure.reason;
  }
}
