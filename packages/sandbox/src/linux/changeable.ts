import type { FileView } from "../machine.ts";
import type { AccessTree } from "./access-tree.ts";
import { parentOf } from "./native-path.ts";

/**
 * Could commands put something else in the place of a name: in its own folder, or by another folder of that name somewhere
 * above? Both need writing to be granted there, and to be possible.
 */
export function isChangeable(path: string, tree: AccessTree, files: FileView): boolean {
  for (let name = path; name !== "/"; name = parentOf(name)) {
    if (tree.accessOf(parentOf(name)) === "write" && files.canCreateIn(parentOf(name))) return true;
  }
  return false;
}
