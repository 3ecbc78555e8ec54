import { nativeBytes } from "../native-text.ts";

/** A place in the data of a program, to be turned into an address when its start is known. */
export interface Place {
  readonly at: number;
}

/** A 64-bit word: a number, or the address of a place. */
export type Word = bigint | Place;

const WORD_BYTES = 8;

/** Bytes of a program, with pointers into themselves. Every piece starts at a multiple of 8. */
export class StageData {
  readonly #pieces: { readonly at: number; readonly content: Uint8Array }[] = [];
  readonly #pointers: { readonly from: number; readonly to: Place }[] = [];
  #length = 0;

  bytes(content: Uint8Array): Place {
    const at = Math.ceil(this.#length / WORD_BYTES) * WORD_BYTES;
    this.#pieces.push({ at, content });
    this.#length = at + content.length;
    return { at };
  }

  /** A native text with a NUL at its end. */
  text(text: string): Place {
    return this.bytes(nativeBytes(`${text}\0`));
  }

  words(words: readonly Word[]): Place {
    const content = new Uint8Array(words.length * WORD_BYTES);
    const view = new DataView(content.buffer);
    const place = this.bytes(content);
    words.forEach((word, index) => {
      if (typeof word === "bigint") view.setBigUint64(index * WORD_BYTES, BigInt.asUintN(64, word), true);
      else this.#pointers.push({ from: place.at + index * WORD_BYTES, to: word });
    });
    return place;
  }

  /** The bytes as they are when the first one lies at `start`. */
  placedAt(start: bigint): Uint8Array {
    const placed = new Uint8Array(this.#length);
    for (const { at, content } of this.#pieces) placed.set(content, at);
    const view = new DataView(placed.buffer);
    for (const { from, to } of this.#pointers) view.setBigUint64(from, start + BigInt(to.at), true);
    return placed;
  }
}
