/** Where bytes lie among those that a program hands to its successor: the first one, and how many. */
export type HandedBytes = readonly [at: number, length: number];

/** Collects the bytes that are handed over, in order and without copying them: they must stay as they are until they are written. */
export class OutgoingBytes {
  readonly #pieces: Uint8Array[] = [];
  #length = 0;

  /** All of them, in order. */
  get pieces(): readonly Uint8Array[] {
    return this.#pieces;
  }

  put(...pieces: readonly Uint8Array[]): HandedBytes {
    const at = this.#length;
    for (const piece of pieces) {
      this.#pieces.push(piece);
      this.#length += piece.length;
    }
    return [at, this.#length - at];
  }
}

/** The bytes that were handed over. */
export interface IncomingBytes {
  /** A copy that belongs to the caller. @throws Error when there are fewer. */
  get(bytes: HandedBytes): Buffer;
}
