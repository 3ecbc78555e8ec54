import { constants, type Stats } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { refuseFolder, refuseSpecial } from "./copy-failure.ts";

/** Windows has no such flag, and no such files. */
const { O_RDONLY, O_NONBLOCK = 0 } = constants;

/**
 * Open a local file to be read, links followed.
 *
 * @param text - How messages name it.
 * @throws CommandFailure it is a folder, pipe, socket or device. Those are never opened: that could wait forever.
 */
export async function openRegular(path: string | Buffer, text: string): Promise<FileHandle> {
  check(await stat(path), text);
  // A pipe that has taken its place since must not hold it up either.
  const file = await open(path, O_RDONLY | O_NONBLOCK);
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
