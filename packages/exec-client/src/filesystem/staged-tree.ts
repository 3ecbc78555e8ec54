import type { PathUri } from "@holdfast/path-uri";
import type { StagedFile } from "./staged-file.ts";
import type { PlaceOptions } from "./types.ts";

/** A folder, or a link that says `target`, in bytes. */
export interface TreeNode {
  readonly path: PathUri;
  readonly target?: Uint8Array | undefined;
}

/** Something in a folder that is copied. */
export interface CopiedNode extends TreeNode {
  readonly isFile: boolean;
  /** Permission bits; undefined where they are not known. */
  readonly mode: number | undefined;
}

/** Permission bits of a folder. */
export interface FolderMode {
  readonly path: PathUri;
  readonly mode: number;
}

/** One thing that did not go as asked, while the rest went on. */
export interface TreeProblem {
  /** Undefined: of the whole. */
  readonly path: PathUri | undefined;
  readonly message: string;
}

export interface TreeOutcome {
  /** Whether every permission bit that was asked for is set. */
  readonly isModeSet: boolean;
  /** What could not be put in place; the rest was. */
  readonly problems: readonly TreeProblem[];
}

/** A folder on its way: nothing of it is under its final name before `commit`. Paths are those that things will have. */
export interface StagedTree {
  /** Make folders and links, in their order: a folder before what lies in it. */
  add(nodes: readonly TreeNode[]): Promise<readonly TreeProblem[]>;
  /** Make a whole file of at most 1 MiB, with permission bits, or those of new files. */
  put(path: PathUri, data: Uint8Array, mode: number | undefined): Promise<void>;
  /** Begin a file of any size. It must be committed before the tree is. */
  stageFile(path: PathUri, options: StagedTreeFileOptions): Promise<StagedFile>;
  /**
   * Copy everything in a folder of the executor, permission bits of files included.
   *
   * @param nodes - What is in it, by the paths that it will have: a folder before what lies in it.
   */
  copyFrom(source: PathUri, nodes: readonly CopiedNode[]): Promise<readonly TreeProblem[]>;
  /**
   * Put it in place: at once where nothing is there, else file by file.
   *
   * @param options.mode - Of the folder itself where it is new.
   * @param options.folderModes - Of folders in it, set last and in this order.
   */
  commit(options: {
    readonly mode: number | undefined;
    readonly folderModes: readonly FolderMode[];
  }): Promise<TreeOutcome>;
  /** Leave nothing behind. Never rejects; what a lost connection leaves, the end of the session removes. */
  discard(): Promise<void>;
}

/** How to begin a folder. */
export interface StagedTreeOptions extends PlaceOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface StagedTreeFileOptions {
  readonly mode?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}
