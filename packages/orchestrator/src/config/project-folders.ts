import { lstat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PROJECT_FOLDERS_MAX } from "./limits.ts";

const ROOT_MARKER = ".git";

/** The folders from the root of a project down to one of its folders. Outside of any project that folder alone. */
export async function projectFolders(cwd: string): Promise<readonly [root: string, ...string[]]> {
  const folders: string[] = [];
  let folder = cwd;
  while (folders.length < PROJECT_FOLDERS_MAX) {
    folders.unshift(folder);
    if (await isThere(join(folder, ROOT_MARKER))) return folders as [string, ...string[]];
    const above = dirname(folder);
    if (above === folder) break;
    folder = above;
  }
  return [cwd];
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch {
    return false;
  }
}
