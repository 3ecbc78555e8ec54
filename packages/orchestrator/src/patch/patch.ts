/** A line of an update: kept as it is, taken away, or new. */
export interface PatchLine {
  readonly kind: "context" | "remove" | "add";
  /** Without its end. */
  readonly text: string;
}

/** One place of a file that changes. */
export interface PatchChunk {
  /** A line that comes somewhere before the place; what is looked for begins below it. */
  readonly context: string | undefined;
  /** At least one. */
  readonly lines: readonly PatchLine[];
  /** The place is the end of the file. */
  readonly isEndOfFile: boolean;
}

export interface AddHunk {
  readonly kind: "add";
  /** As the patch has it: absolute, or relative to the working folder. */
  readonly path: string;
  /** Empty, or ends with a line feed. */
  readonly content: string;
}

export interface DeleteHunk {
  readonly kind: "delete";
  readonly path: string;
}

export interface UpdateHunk {
  readonly kind: "update";
  readonly path: string;
  /** Where the file is to be afterwards; undefined: where it is. */
  readonly moveTo: string | undefined;
  /** At least one. */
  readonly chunks: readonly PatchChunk[];
}

export type PatchHunk = AddHunk | DeleteHunk | UpdateHunk;

/** What a patch says, in its order. */
export interface Patch {
  /** The environment that it names. */
  readonly environmentId: string | undefined;
  readonly hunks: readonly PatchHunk[];
}
