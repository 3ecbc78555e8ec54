import { Base64Bytes } from "@holdfast/exec-server-protocol";
import type { ExecServerClient } from "@holdfast/exec-server-protocol/client";
import { isLinkError } from "@holdfast/rpc";
import { ProcessInputError } from "../errors.ts";
import { WRITE_MAX_BYTES } from "../limits.ts";

/** The input side of one process: writes go out one after the other, numbered so that a repeated one is not doubled. */
export class StdinWriter {
  readonly #processId: string;
  readonly #stub: Pick<ExecServerClient, "process">;
  readonly #idPrefix: string;
  #lastWriteId = 0;
  #tail: Promise<void> = Promise.resolve();

  /** @param idPrefix - Keeps its numbers apart from those of other writers of the same process. */
  constructor(processId: string, stub: Pick<ExecServerClient, "process">, idPrefix = "") {
    this.#processId = processId;
    this.#stub = stub;
    this.#idPrefix = idPrefix;
  }

  /** Resolves when the executor has queued all of it. A failed write does not keep later ones from being tried. */
  write(data: string | Uint8Array): Promise<void> {
    // Copied now: the caller may reuse its buffer while earlier writes are still going out.
    const bytes = typeof data === "string" ? Buffer.from(data, "utf8") : Buffer.from(data);
    const written = this.#tail.then(() => this.#writeBlocks(bytes));
    this.#tail = written.catch(() => {});
    return written;
  }

  /** Resolves when every write until now was answered or has failed. */
  settled(): Promise<void> {
    return this.#tail;
  }

  /** Whether input would be taken: an empty write tells. */
  async probe(): Promise<boolean> {
    const answer = this.#tail.then(() => this.#writeBlock(new Uint8Array()));
    this.#tail = answer.catch(() => {});
    try {
      await answer;
      return true;
    } catch (error) {
      if (isLinkError(error)) throw error;
      return false;
    }
  }

  async #writeBlocks(bytes: Uint8Array): Promise<void> {
    for (let offset = 0; offset < bytes.byteLength; offset += WRITE_MAX_BYTES) {
      await this.#writeBlock(bytes.subarray(offset, offset + WRITE_MAX_BYTES));
    }
  }

  async #writeBlock(block: Uint8Array): Promise<void> {
    this.#lastWriteId += 1;
    const { status } = await this.#stub.process.write({
      processId: this.#processId,
      chunk: new Base64Bytes(block),
      writeId: `${this.#idPrefix}${this.#lastWriteId}`,
    });
    if (status !== "accepted") throw new ProcessInputError(status, this.#processId);
  }
}
