import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { systemCalls } from "./held-folders.ts";
import { overwriteInPlace } from "./overwrite-in-place.ts";

/**
 * How the system refuses to put another file under a name, where the file that is there may still be written: a mount point
 * (as containers have them), somebody else's folder, a folder that is read-only as a whole.
 */
const ONLY_IN_PLACE = new Set(["EBUSY", "EACCES", "EPERM", "EROFS", "EXDEV"]);

/** Windows has no such flags, and no such files. */
const { O_WRONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;

export function isOnlyInPlace(error: unknown): boolean {
  return error instanceof Error && "code" in error && ONLY_IN_PLACE.has(String(error.code));
}

/**
 * Put one entry under the name of another, at once. A regular file whose place can not be taken by a rename is written into
 * the one that is there: that keeps its owner and permission bits, and is not at once.
 *
 * @param from - Its name is gone afterwards.
 * @param to - Never followed when it is a link.
 * @throws the system's error for the rename.
 */
export async function replaceLocal(from: Buffer, to: Buffer, options: { readonly isRegular: boolean }): Promise<void> {
  try {
    await systemCalls.rename(from, to);
  } catch (error) {
    if (!options.isRegular || !isOnlyInPlace(error)) throw error;
    await using target = await openInPlace(to, error);
    await using source = await open(from, constants.O_RDONLY | O_NOFOLLOW);
    await writeInPlace(source, to, target);
    await systemCalls.unlink(from);
  }
}

/**
 * Open a regular file that is to be written in place.
 *
 * @throws what `otherwise` is, where there is none or it may not be written.
 */
export async function openInPlace(path: Buffer, otherwise: unknown): Promise<FileHandle> {
  const target = await open(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK).catch(() => undefined);
  if (target === undefined) throw otherwise;
  if ((await target.stat()).isFile()) return target;
  await target.close();
  throw otherwise;
}

/** Give an open file the content of another. When that fails it has its old content, except after a crash. */
export async function writeInPlace(source: FileHandle, path: Buffer, target: FileHandle): Promise<void> {
  await overwriteInPlace(source, path, target);
  await target.sync();
}
