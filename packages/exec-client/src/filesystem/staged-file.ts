import type { PathUri } from "@holdfast/path-uri";
import type { BlockSink } from "./block-sink.ts";
import type { WriteStreamOptions } from "./types.ts";

/** A file on its way: nothing of it is under its final name before `commit`. */
export interface StagedFile {
  readonly blocks: BlockSink;
  /** Resolves with whether it has the mode that was asked for. */
  commit(): Promise<boolean>;
  /** Leave nothing behind. Never rejects. */
  discard(): Promise<void>;
}

/** One that can be filled on the executor itself. */
export interface FillableFile extends StagedFile {
  /** Take over the content and permission bits of a file on the executor. Instead of blocks. */
  copyFrom(source: PathUri): Promise<void>;
}

export type FillableFileOptions = Pick<WriteStreamOptions, "signal" | "mode" | "noFollowNames"> & {
  /** Refused when something has the name. Needs the capabilities `holdfastFiles` and `holdfastStaging`. */
  readonly noReplace?: boolean | undefined;
};
