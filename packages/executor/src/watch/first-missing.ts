import { lstatSync } from "node:fs";
import { dirname } from "node:path";

/** Does something lie under this name, be it a link that leads nowhere? */
export function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** The shallowest part of an absent path that is absent itself: what must come into being first. */
export function firstMissing(path: string): string {
  let missing = path;
  for (let parent = dirname(missing); !exists(parent); parent = dirname(parent)) missing = parent;
  return missing;
}
