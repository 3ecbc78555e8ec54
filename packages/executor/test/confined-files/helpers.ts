import { readFileSync } from "node:fs";
import { childrenOf } from "../../src/platform/process-children.ts";

/** Helpers that a process has started, however many wrappers are between. */
export function helpersBelow(pid: number): readonly number[] {
  return childrenOf(pid).flatMap((child) => {
    const below = helpersBelow(child);
    return below.length > 0 || !isHelper(child) ? below : [child];
  });
}

function isHelper(pid: number): boolean {
  try {
    return /^[^\0]*node\0.*helper-main/.test(readFileSync(`/proc/${pid}/cmdline`, "utf8"));
  } catch {
    return false;
  }
}
