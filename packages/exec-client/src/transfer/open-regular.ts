import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, open, stat } from "node:fs/promises";
import { refuseFolder, refuseSpecial } from "./copy-failure.ts";
import { TransferError } from "./transfer-error.ts";

/** Windows has no such flag, and no such files. */
const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = constants;

/**
 * Open a local file to be read.
 *
 * @param text - How messages name it.
 * @param options.noFollow - Refuse a link in the last place.
 * @throws TransferError it is a folder, pipe, socket or device. Those are never opened: that could wait forever.
 */
export async function openRegular(
  path: string | Buffer,
  text: string,
  { noFollow }: { readonly noFollow: boolean } = { noFollow: false },
): Promise<FileHandle> {
  const found = await (noFollow ? lstat(path) : stat(path));
  if (found.isSymbolicLink())
    throw new TransferError(`${text} has become a link, which is not followed here; copy it again`);
  check(found, text);
  // A pipe that has taken its place since must not hold it up either.
  const file = await open(path, O_RDONLY | O_NONBLOCK | (noFollow ? O_NOFOLLOW : 0));
  try {
    check(await file.stat(), text);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

function check(stats: Stats, text: string): void {
  if (stats.isDirectory()) throw refuseFolder(text);
  if (!stats.isFile()) throw refuseSpecial(text);
}
