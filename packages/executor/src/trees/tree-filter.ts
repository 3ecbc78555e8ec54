import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { IGNORE_FILE_MAX_BYTES, IgnoreFilter, IgnoreRulesError } from "@holdfast/path-uri";
import { errnoOf } from "../filesystem/fault.ts";
import { joinPath } from "../filesystem/native-path.ts";

/** What of a tree is left out. */
export interface TreeFilterOptions {
  /** As in a `.gitignore` in the root. */
  readonly exclude: readonly string[];
  readonly usesGitignore: boolean;
}

const GITIGNORE = Buffer.from(".gitignore");
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** There is none, it is a socket, or a link: git goes through none either. */
const NONE = new Set(["ENOENT", "ENXIO", "ELOOP"]);

/**
 * The filter of a root.
 *
 * @throws IgnoreRulesError - There are more or longer patterns than are followed.
 */
export function treeFilter({ exclude, usesGitignore }: TreeFilterOptions): IgnoreFilter {
  return IgnoreFilter.of({ exclude, followsFiles: usesGitignore });
}

/**
 * The filter for what lies in a folder that is stepped into.
 *
 * @param filter - For the folder, as what it is in says.
 * @param path - By which any call reaches the folder.
 * @throws if its `.gitignore` can't be followed: what is in the folder must be left out then.
 */
export function filterInside(filter: IgnoreFilter, path: Buffer): IgnoreFilter {
  if (!filter.followsFiles) return filter;
  const text = readIgnoreFile(joinPath(path, GITIGNORE));
  if (text === undefined) return filter;
  try {
    return filter.withFile(text);
  } catch (error) {
    if (error instanceof IgnoreRulesError)
      throw new IgnoreRulesError(`left out, because its .gitignore ${error.message}`);
    throw error;
  }
}

/** Undefined where there is none, or it is no regular file. One byte more is read than may be in it. */
function readIgnoreFile(path: Buffer): Uint8Array | undefined {
  let fd: number;
  try {
    fd = openSync(path, FLAGS);
  } catch (error) {
    if (NONE.has(errnoOf(error) ?? "")) return undefined;
    throw error;
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) return undefined;
    const bytes = Buffer.alloc(Math.min(stats.size, IGNORE_FILE_MAX_BYTES + 1));
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(fd);
  }
}
