import type { OutputChunk } from "./output-chunk.ts";

/** One write in a file: which numbers it holds, and where. */
export interface SpoolPiece {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly position: number;
  readonly bytes: number;
}

/** A spool that another program goes on with. */
export interface HandedSpool {
  readonly fd: number;
  readonly pieces: readonly SpoolPiece[];
  /** Where the last write ended, or would have. */
  readonly end: number;
}

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
  /** For the next program; `off` when it keeps nothing any more. What is being written counts as not written. */
  handOver(): HandedSpool | "unused" | "off";
}
