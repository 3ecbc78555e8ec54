/** How far a transfer has come. */
export interface TransferProgress {
  /** The file or folder that was asked for. */
  readonly name: string;
  /** Bytes of files that have been moved, or that need not be. */
  readonly transferredBytes: number;
  /** Bytes of all files. They may change meanwhile. */
  readonly totalBytes: number;
}

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

/** What a transfer did. */
export interface TransferResult {
  /** Things that were left out, as `onProblem` was told. */
  readonly problemCount: number;
}
