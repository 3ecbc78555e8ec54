import { ProcessInputError } from "../../errors.ts";
import { WRITE_MAX_BYTES } from "../../limits.ts";
import type { StdinWriter } from "../stdin-writer.ts";
import type { StdinEnd } from "./stdin-end.ts";

/** While one is on its way the next one follows. */
const PIPE_BLOCK_BYTES = 2 * WRITE_MAX_BYTES;

/** A pipe as it is. Whether it can be closed is for the executor. */
export class PipeStdin implements StdinEnd {
  readonly blockBytes = PIPE_BLOCK_BYTES;
  readonly #processId: string;
  readonly #writer: StdinWriter;
  readonly #close: () => Promise<void>;
  #closed: Promise<void> | undefined;

  /** @param close - Asks the executor to close the pipe behind what it has queued. */
  constructor(processId: string, writer: StdinWriter, close: () => Promise<void>) {
    this.#processId = processId;
    this.#writer = writer;
    this.#close = close;
  }

  async write(data: string | Uint8Array): Promise<void> {
    if (this.#closed !== undefined) throw new ProcessInputError("stdinClosed", this.#processId);
    await this.#writer.write(data);
  }

  sent(): Promise<void> {
    return this.#writer.sent();
  }

  close(): Promise<void> {
    this.#closed ??= this.#writer.settled().then(this.#close);
    return this.#closed;
  }

  async probe(): Promise<boolean> {
    return this.#closed === undefined && (await this.#writer.probe());
  }
}
