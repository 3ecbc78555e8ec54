import { FILE_PART_BYTES, FILE_PARTS_IN_FLIGHT } from "../limits.ts";
import type { FilePart, FileParts } from "./file-parts.ts";
import { LostLines } from "./lost-line.ts";

/**
 * Writes every part in one message, for executors that take no blocks. A part that was on a lost connection is written again
 * under the same name: that changes nothing, should it have been written already.
 */
export class MessageParts implements FileParts {
  readonly blockBytes = FILE_PART_BYTES;
  readonly #writePart: (index: number, data: Uint8Array) => Promise<void>;
  readonly #done: FilePart[] = [];
  #sent: Promise<void>[] = [];
  #confirmedBytes = 0;

  constructor(writePart: (index: number, data: Uint8Array) => Promise<void>) {
    this.#writePart = writePart;
  }

  async write(data: Uint8Array): Promise<void> {
    const index = this.#done.length;
    this.#done.push({ index, bytes: data.byteLength });
    const written = this.#retry(index, data);
    written.catch(() => {});
    this.#sent.push(written);
    if (this.#sent.length >= FILE_PARTS_IN_FLIGHT) await this.#sent.shift();
  }

  async finish(): Promise<readonly FilePart[]> {
    if (this.#done.length === 0) await this.write(new Uint8Array());
    await Promise.all(this.#sent);
    return this.#done;
  }

  async abandon(): Promise<void> {
    await Promise.allSettled(this.#sent);
    this.#sent = [];
  }

  async #retry(index: number, data: Uint8Array): Promise<void> {
    // Of its own: one lost line fails every part that is on it.
    const lostLines = new LostLines();
    for (;;) {
      try {
        await this.#writePart(index, data);
        this.#confirmedBytes += data.byteLength;
        return;
      } catch (error) {
        lostLines.survive(error, this.#confirmedBytes);
      }
    }
  }
}
