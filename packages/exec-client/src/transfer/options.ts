/** How far a transfer has come. */
export interface TransferProgress {
  /** The file or folder that was asked for. */
  readonly name: string;
  /** Bytes of files that have been moved, or that need not be. */
  readonly transferredBytes: number;
  /** Bytes of all files, which may change meanwhile; undefined where that is known only at the end. */
  readonly totalBytes: number | undefined;
}

/**
 * What of a folder is moved where its destination is there already. `time`: what differs in size, modification time, permission bits or
 * kind. `content`: as well what differs in its content, by its digest. `none`: everything.
 */
export type Comparison = "time" | "content" | "none";

/** What all transfers have in common. */
export interface TransferOptions {
  /** Give up. What was begun is removed: nothing is under the final name, or what was there before. */
  readonly signal?: AbortSignal | undefined;
  /** Take folders, with everything in them. Default true. */
  readonly recursive?: boolean | undefined;
  /** Local folder that relative local paths start at. Default: the working folder of this process. */
  readonly cwd?: string | undefined;
  /** Called with every block that was moved. */
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
  /**
   * Called for each thing that is left out while the rest goes on. With it the transfer resolves in spite of them; without, it
   * rejects at its end with `TransferError` `incomplete`.
   */
  readonly onProblem?: ((line: string) => void) | undefined;
  /** Called for what is less than it could be, such as permission bits that could not be set. */
  readonly onWarning?: ((line: string) => void) | undefined;
}

/** How folders are moved. */
export interface FolderOptions extends TransferOptions {
  /** Leave out what these patterns match, written as in a `.gitignore` file in the folder. Default: nothing. */
  readonly exclude?: readonly string[] | undefined;
  /** Leave out what the `.gitignore` files in the folder say, and `.git`. Default false. */
  readonly gitignore?: boolean | undefined;
  /** Default `time`, where the executor can list (capability `holdfastTrees`); else everything is moved. */
  readonly compare?: Comparison | undefined;
  /**
   * Go on with what an earlier transfer of the same folder to the same place left, and leave what has arrived for the next one when this
   * one ends before its time: on the executor for 24 hours. Without effect where the executor can not (capability
   * `holdfastTrees`). Default false: nothing is left.
   */
  readonly resume?: boolean | undefined;
}

/** How a folder is made like another. */
export interface SyncOptions extends FolderOptions {
  /** `up`: the folder on the executor becomes like the local one. `down`: the other way round. Default `up`. */
  readonly direction?: "up" | "down" | undefined;
  /**
   * Remove from the destination what the source does not have, but for what `exclude` and `gitignore` leave out. Needs the capability
   * `holdfastTrees`. Default false.
   */
  readonly delete?: boolean | undefined;
}

/** What a transfer did. */
export interface TransferResult {
  /** Things that were left out, as `onProblem` was told. */
  readonly problemCount: number;
}
