/** A place in the data of a program, to be turned into an address when its start is known. */
export interface Place {
  readonly at: number;
}

/** A 64-bit word: a number, or the address of a place. */
export type Word = bigint | Place;

/** Bytes of a program, with pointers into themselves. Every piece starts at a multiple of 8. */
export class StageData {
  readonly #bytes: number[] = [];
  readonly #pointers: { readonly from: number; readonly to: Place }[] = [];

  bytes(content: Iterable<number>): Place {
    while (this.#bytes.length % 8 !== 0) this.#bytes.push(0);
    const at = this.#bytes.length;
    for (const byte of content) this.#bytes.push(byte);
    return { at };
  }

  /** Text with a NUL at its end. */
  text(text: string): Place {
    return this.bytes(Buffer.from(`${text}\0`));
  }

  words(words: readonly Word[]): Place {
    const place = this.bytes([]);
    for (const word of words) {
      if (typeof word !== "bigint") this.#pointers.push({ from: this.#bytes.length, to: word });
      this.bytes(littleEndian(typeof word === "bigint" ? word : 0n));
    }
    return place;
  }

  /** The bytes as they are when the first one lies at `start`. */
  placedAt(start: bigint): Uint8Array {
    const placed = Uint8Array.from(this.#bytes);
    const view = new DataView(placed.buffer);
    for (const { from, to } of this.#pointers) view.setBigUint64(from, start + BigInt(to.at), true);
    return placed;
  }
}

function littleEndian(word: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, word), true);
  return bytes;
}
