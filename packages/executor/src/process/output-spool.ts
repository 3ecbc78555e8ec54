import type { OutputChunk } from "./output-chunk.ts";

/** Keeps output that no longer fits in memory, oldest dropped first. Nothing here throws or rejects. */
export interface OutputSpool {
  /** False for good once it can keep nothing more. */
  readonly isOn: boolean;
  /** The newest number it holds, 0 for none. */
  readonly lastSeq: number;
  /** Take whole chunks that follow the last ones. One call at a time; they can be read when it resolves. */
  write(chunks: readonly OutputChunk[]): Promise<void>;
  /** The oldest chunks it holds after `afterSeq`, some hundred kilobytes of them; none when it holds none. */
  read(afterSeq: number): Promise<readonly OutputChunk[]>;
  /** Forget everything. Idempotent. */
  dispose(): void;
}
