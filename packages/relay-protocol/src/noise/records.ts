import type { KeyObject } from "node:crypto";
import { RELAY_LIMITS } from "../limits.ts";
import { open, sealInto, takeKey } from "./aes-gcm.ts";
import type { Channel, RecordOpener, RecordSealer } from "./channel.ts";
import { NoiseError } from "./noise-error.ts";
import { checkRecordLength } from "./record-length.ts";

const { maxRecordBytes, maxSequence, recordTagBytes } = RELAY_LIMITS;

/** The key of one direction, and how often it has been used. */
class Direction {
  #key: KeyObject | undefined;
  #nextSequence: number;

  constructor(key: Uint8Array, firstSequence: number) {
    this.#key = takeKey(key);
    this.#nextSequence = firstSequence;
  }

  get nextSequence(): number {
    return this.#nextSequence;
  }

  /** @throws NoiseError there is none any more. */
  get key(): KeyObject {
    if (this.#key === undefined) throw new NoiseError("the channel is closed");
    if (this.#nextSequence >= maxSequence) throw new NoiseError("Noise relay sequence number exhausted");
    return this.#key;
  }

  /** The next number, which nobody gets again. */
  take(): number {
    const sequence = this.#nextSequence;
    this.#nextSequence += 1;
    return sequence;
  }

  wipe(): void {
    this.#key = undefined;
  }
}

class Sealer implements RecordSealer {
  readonly #direction: Direction;

  constructor(direction: Direction) {
    this.#direction = direction;
  }

  get nextSequence(): number {
    return this.#direction.nextSequence;
  }

  seal(plaintext: Uint8Array): Uint8Array<ArrayBuffer> {
    const record = Buffer.allocUnsafe(plaintext.length + recordTagBytes);
    this.sealInto(record, 0, [plaintext]);
    return record;
  }

  sealInto(target: Uint8Array, at: number, pieces: readonly Uint8Array[]): number {
    const { key } = this.#direction;
    let length = 0;
    for (const piece of pieces) length += piece.length;
    if (length > maxRecordBytes) throw new NoiseError("Noise relay plaintext record exceeds maximum length");
    if (at + length + recordTagBytes > target.length) throw new RangeError("there is no room for the record");
    // The number is gone even if something throws from here on: a nonce is never tried a second time.
    return sealInto(target, at, key, this.#direction.take(), pieces);
  }

  wipe(): void {
    this.#direction.wipe();
  }
}

class Opener implements RecordOpener {
  readonly #direction: Direction;

  constructor(direction: Direction) {
    this.#direction = direction;
  }

  get nextSequence(): number {
    return this.#direction.nextSequence;
  }

  open(ciphertext: Uint8Array): Uint8Array<ArrayBuffer> {
    const { key } = this.#direction;
    try {
      checkRecordLength(ciphertext.length);
      return open(ciphertext, key, this.#direction.take());
    } catch (error) {
      this.wipe();
      throw error;
    }
  }

  wipe(): void {
    this.#direction.wipe();
  }
}

/**
 * @param keys - 32 bytes each; they are cleared.
 * @param firstSequence - For tests of the end of the numbers.
 */
export function channelOf(keys: { sealing: Uint8Array; opening: Uint8Array }, firstSequence = 0): Channel {
  return {
    sealer: new Sealer(new Direction(keys.sealing, firstSequence)),
    opener: new Opener(new Direction(keys.opening, firstSequence)),
  };
}
