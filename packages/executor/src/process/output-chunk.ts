/** Which stream a chunk came from. A terminal merges both into `pty`. */
export type OutputStream = "stdout" | "stderr" | "pty";

/** One numbered piece of output. Its bytes are good until the next is appended: then the memory of old ones is used again. */
export interface OutputChunk {
  readonly seq: number;
  readonly stream: OutputStream;
  readonly data: Buffer;
}

/** Chunks after a cursor, and the cursor to continue from (`nextSeq - 1`). */
export interface LogSlice {
  readonly chunks: readonly OutputChunk[];
  readonly nextSeq: number;
  /** True when a read without `maxBytes` ends before the last chunk, because it would not fit in one answer. */
  readonly isCut?: boolean;
}
