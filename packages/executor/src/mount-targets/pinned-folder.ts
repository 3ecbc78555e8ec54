import { closeSync, constants, openSync } from "node:fs";
import { basename, dirname } from "node:path";

/** Opens a place without the right to read it. Linux, where it has this value on every processor that Node runs on. */
export const O_PATH = 0o10000000;
const FLAGS = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * An entry of a folder that is held open: swapping a link into the path meanwhile changes nothing.
 *
 * The path may lead over no link at all.
 */
export class PinnedEntry implements Disposable {
  /** Names the entry; the entry itself may be missing. */
  readonly path: string;
  readonly #folder: number;

  /** @throws the operating system's error: a folder is missing, or a link is on the way. */
  constructor(path: string) {
    this.#folder = openFolder(dirname(path));
    this.path = `/proc/self/fd/${this.#folder}/${basename(path)}`;
  }

  [Symbol.dispose](): void {
    closeSync(this.#folder);
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
