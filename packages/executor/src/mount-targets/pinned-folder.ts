import { closeSync, constants, openSync } from "node:fs";
import { basename, dirname } from "node:path";

/** Opens a place without the right to read it. Linux, where it has this value on every processor that Node runs on. */
export const O_PATH = 0o10000000;
const FLAGS = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * Entries of folders that are held open: swapping a link into a path meanwhile changes nothing. Entries of one folder, which come
 * together as a rule, share it.
 *
 * Paths may lead over no link at all.
 */
export class PinnedEntries implements Disposable {
  readonly #folders = new Map<string, number>();

  /**
   * Names an entry; the entry itself may be missing.
   *
   * @throws the operating system's error: a folder is missing, or a link is on the way.
   */
  at(path: string): string {
    const folder = dirname(path);
    const fd = this.#folders.get(folder) ?? openFolder(folder);
    this.#folders.set(folder, fd);
    return `/proc/self/fd/${fd}/${basename(path)}`;
  }

  [Symbol.dispose](): void {
    for (const fd of this.#folders.values()) closeSync(fd);
    this.#folders.clear();
  }
}

function openFolder(path: string): number {
  let fd = openSync("/", FLAGS);
  for (const name of path.split("/").filter((each) => each !== "")) {
    const above = fd;
    try {
      fd = openSync(`/proc/self/fd/${above}/${name}`, FLAGS);
    } finally {
      closeSync(above);
    }
  }
  return fd;
}
