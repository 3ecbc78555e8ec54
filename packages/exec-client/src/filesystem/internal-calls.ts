/*
 * What `@holdfast/exec-client/transfer` reaches the files by, and nobody else. By names that are the same in every copy of this package.
 */

/** The requests that whole folders are moved by; undefined without the capability `holdfastTrees`. */
export const TREE_CALLS: unique symbol = Symbol.for("holdfast.treeCalls") as never;

/** Begins a file that is under its name when it is whole. */
export const STAGE_FILE: unique symbol = Symbol.for("holdfast.stageFile") as never;
