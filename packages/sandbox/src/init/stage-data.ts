import { nativeBytes } from "../native-text.ts";

/** A place in the data of a program, to be turned into an address when its start is known. */
export interface Place {
  readonly at: number;
}

/** A 64-bit word: a number, or the address of a place. */
export type Word = bigint | Place;

const WORD_BYTES = 8;
const FIRST_BYTES = 4_096;

/** Bytes of a program, with pointers into themselves. Every piece starts at a multiple of 8. */
export class StageData {
  #content = Buffer.alloc(FIRST_BYTES);
  #length = 0;
  /** Where a pointer is, and where it leads, in turn. */
  readonly #pointers: number[] = [];

  bytes(content: Uint8Array): Place {
    const at = this.#take(content.length);
    this.#content.set(content, at);
    return { at };
  }

  /** A native text with a NUL at its end. */
  text(text: string): Place {
    return this.bytes(nativeBytes(`${text}\0`));
  }

  /** Pointers to texts one after the other, and a null pointer: what `execve` takes. Made for a hundred thousand of them. */
  list(texts: readonly string[]): Place {
    const joined = texts.map((text) => `${text}\0`).join("");
    const { at: first } = this.bytes(nativeBytes(joined));
    // As many bytes as code units: one for each, in every text.
    const isPlain = this.#length - first === joined.length;
    const at = this.#take((texts.length + 1) * WORD_BYTES);
    let text = first;
    texts.forEach((each, index) => {
      this.#pointers.push(at + index * WORD_BYTES, text);
      text += (isPlain ? each.length : nativeBytes(each).length) + 1;
    });
    return { at };
  }

  words(words: readonly Word[]): Place {
    const at = this.#take(words.length * WORD_BYTES);
    words.forEach((word, index) => {
      const place = at + index * WORD_BYTES;
      if (typeof word === "bigint") this.#content.writeBigUInt64LE(BigInt.asUintN(64, word), place);
      else this.#pointers.push(place, word.at);
    });
    return { at };
  }

  /** The bytes as they are when the first one lies at `start`, which is so low that no address takes more than 32 bits. */
  placedAt(start: number): Uint8Array {
    const placed = Buffer.from(this.#content.subarray(0, this.#length));
    for (let index = 0; index < this.#pointers.length; index += 2) {
      placed.writeUInt32LE(start + (this.#pointers[index + 1] ?? 0), this.#pointers[index] ?? 0);
    }
    return placed;
  }

  /** Where the next `length` bytes lie, all of them zero. */
  #take(length: number): number {
    const at = Math.ceil(this.#length / WORD_BYTES) * WORD_BYTES;
    this.#length = at + length;
    if (this.#length > this.#content.length) {
      const larger = Buffer.alloc(2 * this.#length);
      this.#content.copy(larger);
      this.#content = larger;
    }
    return at;
  }
}
