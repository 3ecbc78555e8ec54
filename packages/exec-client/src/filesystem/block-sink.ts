/** Takes the bytes of a new file, from the first to the last. */
export interface BlockSink {
  /** Bytes that `write` takes at a time: all but the last must have this many. */
  readonly blockBytes: number;
  /**
   * Resolves when there is room for more. The bytes must not change afterwards.
   *
   * @param free - May be called when their memory is of no more use here.
   */
  write(data: Uint8Array, free?: () => void): Promise<void>;
}
