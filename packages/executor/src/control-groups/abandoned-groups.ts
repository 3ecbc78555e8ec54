import { readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { groupPrefix, isAbandoned } from "./group-names.ts";

/**
 * Take every empty group away whose executor is gone.
 *
 * @param parents - Folders that groups were made below.
 * @returns whether none is left.
 */
export function removeAbandonedGroups(parents: readonly string[]): boolean {
  const prefix = groupPrefix();
  let isClean = true;
  for (const parent of new Set(parents)) {
    for (const name of namesIn(parent)) {
      if (isAbandoned(name, prefix) && !removeGroup(join(parent, name))) isClean = false;
    }
  }
  return isClean;
}

/** @returns false while processes are in it, or where it may not be removed. */
export function removeGroup(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === "ENOENT";
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
