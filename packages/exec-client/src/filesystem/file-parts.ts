import type { BlockSink } from "./block-sink.ts";

/** One part of a file that is being written, under a name of its own. */
export interface FilePart {
  /** Its number: part of its name. */
  readonly index: number;
  /** Bytes of it that count. There may be more behind them. */
  readonly bytes: number;
}

/** Takes the bytes of a new file into parts on the executor. */
export interface FileParts extends BlockSink {
  /** Resolves when everything is in files, which are closed. At least one part. */
  finish(): Promise<readonly FilePart[]>;
  /** Close what is open. Resolves when nothing more is written; the parts stay. Never rejects. */
  abandon(): Promise<void>;
}
