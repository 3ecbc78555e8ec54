import type { ExecServerClient } from "@holdfast/exec-server-protocol/client";
import type { Executor } from "../executor.ts";
import { TREE_CALLS } from "../filesystem/internal-calls.ts";

/** The requests that whole folders are moved by. */
export type TreeCalls = ExecServerClient["holdfast"];

/** Undefined on executors without the capability `holdfastTrees`. */
export function treeCallsOf(executor: Executor): TreeCalls | undefined {
  return executor.fs[TREE_CALLS];
}
