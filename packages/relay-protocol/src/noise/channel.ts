/** Seals what one side says, record by record. Sequence n is sealed with nonce n, so that none is ever used twice. */
export interface RecordSealer {
  /** Sequence of the next record. */
  readonly nextSequence: number;
  /**
   * @param plaintext - At most `RELAY_LIMITS.maxRecordBytes`.
   * @throws Error the sequence numbers are used up, or it was wiped.
   */
  seal(plaintext: Uint8Array): Uint8Array<ArrayBuffer>;
  /**
   * Seal pieces as one record, where a frame has room for it.
   *
   * @param at - Where in `target` the record goes: it takes the bytes of the pieces and `RELAY_LIMITS.recordTagBytes`.
   * @returns Where it ends.
   */
  sealInto(target: Uint8Array, at: number, pieces: readonly Uint8Array[]): number;
  wipe(): void;
}

/** Opens what the other side sealed, in order: the first one that fails ends it. */
export interface RecordOpener {
  readonly nextSequence: number;
  /** @throws Error it is not what the other side sealed at this place, or it is too long. */
  open(ciphertext: Uint8Array): Uint8Array<ArrayBuffer>;
  wipe(): void;
}

/** Both directions after a handshake. */
export interface Channel {
  readonly sealer: RecordSealer;
  readonly opener: RecordOpener;
}
