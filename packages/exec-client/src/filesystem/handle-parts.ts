import { FILE_BLOCK_MAX_BYTES, FILE_BLOCKS_IN_FLIGHT } from "../limits.ts";
import type { RemoteFileHandle } from "./file-handle.ts";
import type { FilePart, FileParts } from "./file-parts.ts";
import { LostLines } from "./lost-line.ts";

interface SentBlock {
  readonly data: Uint8Array;
  readonly answer: Promise<void>;
}

/**
 * Writes through a handle, several blocks at a time.
 *
 * A handle dies with its connection, and opening for writing empties a file: on the next connection a new part begins,
 * with the first block that was not confirmed.
 */
export class HandleParts implements FileParts {
  readonly blockBytes = FILE_BLOCK_MAX_BYTES;
  readonly #open: (index: number) => Promise<RemoteFileHandle>;
  readonly #canGoOn: boolean;
  readonly #lostLines = new LostLines();
  readonly #done: FilePart[] = [];
  #handle: RemoteFileHandle | undefined;
  #index = -1;
  /** Oldest first. A block that failed stays until it is awaited. */
  #sent: SentBlock[] = [];
  #nextOffset = 0;
  #confirmedBytes = 0;
  #confirmedInAll = 0;

  /** @param options.canGoOn - False: one part only, a lost connection is the end. */
  constructor(open: (index: number) => Promise<RemoteFileHandle>, options: { readonly canGoOn: boolean }) {
    this.#open = open;
    this.#canGoOn = options.canGoOn;
  }

  async write(data: Uint8Array): Promise<void> {
    if (this.#handle === undefined) await this.#retry(() => this.#openNext());
    this.#send(data);
    while (this.#sent.length >= FILE_BLOCKS_IN_FLIGHT) await this.#confirmOldest();
  }

  async finish(): Promise<readonly FilePart[]> {
    if (this.#handle === undefined) await this.#retry(() => this.#openNext());
    while (this.#sent.length > 0) await this.#confirmOldest();
    // A lost connection closes it just as well.
    await this.#handle?.close().catch(() => {});
    return [...this.#done, { index: this.#index, bytes: this.#confirmedBytes }];
  }

  async abandon(): Promise<void> {
    await Promise.allSettled(this.#sent.map(({ answer }) => answer));
    await this.#handle?.close().catch(() => {});
  }

  #send(data: Uint8Array): void {
    if (this.#handle === undefined) throw new TypeError("the part is not open");
    const answer = this.#handle.write(this.#nextOffset, data);
    answer.catch(() => {});
    this.#sent.push({ data, answer });
    this.#nextOffset += data.byteLength;
  }

  async #confirmOldest(): Promise<void> {
    try {
      const [oldest] = this.#sent;
      if (oldest === undefined) return;
      await oldest.answer;
      this.#sent.shift();
      this.#confirmedBytes += oldest.data.byteLength;
      this.#confirmedInAll += oldest.data.byteLength;
    } catch (error) {
      if (!this.#canGoOn) throw error;
      this.#lostLines.survive(error, this.#confirmedInAll);
      await this.#retry(() => this.#goOn());
    }
  }

  async #goOn(): Promise<void> {
    if (this.#confirmedBytes > 0) this.#done.push({ index: this.#index, bytes: this.#confirmedBytes });
    this.#confirmedBytes = 0;
    const again = this.#sent;
    await this.#openNext();
    this.#sent = [];
    for (const { data } of again) this.#send(data);
  }

  /** Always under a new name: an opening that was on the lost line may yet empty its file. */
  async #openNext(): Promise<void> {
    this.#index += 1;
    this.#handle = await this.#open(this.#index);
    this.#nextOffset = 0;
  }

  async #retry(step: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await step();
      } catch (error) {
        if (!this.#canGoOn) throw error;
        this.#lostLines.survive(error, this.#confirmedInAll);
      }
    }
  }
}
