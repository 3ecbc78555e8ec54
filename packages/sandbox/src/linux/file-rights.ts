import type { FileFacts, FileView } from "../machine.ts";
import { parentOf } from "./native-path.ts";

const SEARCH = 1;
const WRITE_AND_SEARCH = 3;

/**
 * Would the superuser be refused in one of these folders if it were a user like any other? In a user namespace with one id it
 * is: files of other users appear as those of `nobody` there.
 */
export function needsFileRights(writable: readonly string[], searched: readonly string[], files: FileView): boolean {
  return (
    writable.some((path) => !isAllowed(path, WRITE_AND_SEARCH, files)) ||
    [...writable.map(parentOf), ...searched].some((path) => !canReach(path, files))
  );
}

function canReach(folder: string, files: FileView): boolean {
  return isAllowed(folder, SEARCH, files) && (folder === "/" || canReach(parentOf(folder), files));
}

function isAllowed(path: string, bits: number, files: FileView): boolean {
  const facts = files.kindOf(path) === "directory" ? files.factsOf(path) : undefined;
  return facts === undefined || (rightsOf(facts) & bits) === bits;
}

/** Those of user 0 and group 0, by the bits alone. */
function rightsOf({ uid, gid, mode }: FileFacts): number {
  return uid === 0 ? mode >> 6 : gid === 0 ? mode >> 3 : mode;
}
