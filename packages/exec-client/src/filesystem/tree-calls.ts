/** Names the requests that `@holdfast/exec-client/transfer` is made of, for that entry alone. */
export const TREE_CALLS: unique symbol = Symbol.for("holdfast.treeCalls") as never;
