import { closeSync, constants, existsSync, fstatSync, lstatSync, openSync } from "node:fs";
import { joinPath } from "./held-folders.ts";
import { folderOf, keyOf } from "./tree-entry.ts";

/** Linux: a descriptor that only names a place, which needs no read permission there. Node does not list it. */
const O_PATH = 0o10000000;
/** Folders that stay open. Each takes one descriptor. */
const OPEN_MAX = 64;
const canPin = process.platform === "linux" && existsSync("/proc/self/fd");

/**
 * As `HeldTree`, by calls that return at once: the folders of a local tree, each reached through the one above it without following a
 * link, and held open. What is done with many small files is done in turns of some milliseconds, at a fourth of the price of
 * as many calls that are waited for.
 */
export class OpenFolders implements Disposable {
  readonly #top: Buffer;
  /** Descriptors by path; the one that was used last is last. */
  readonly #open = new Map<string, { readonly fd: number; readonly path: Buffer }>();
  /** Device and inode of folders that must stay what they are. */
  readonly #known = new Map<string, string>();

  /** @param top - Native path that leads to the held folder, for any call. */
  constructor(top: Buffer) {
    this.#top = top;
  }

  /** Native path of a folder, good until the next call. @throws the system's error, `ENOTDIR` for a link. */
  folder(path: Buffer): Buffer {
    if (path.byteLength === 0) return this.#top;
    const key = keyOf(path);
    const open = this.#open.get(key);
    if (open !== undefined) {
      this.#open.delete(key);
      this.#open.set(key, open);
      return open.path;
    }
    return this.#hold(key, path);
  }

  /** Native path of an entry, good until the next call. */
  at(path: Buffer): Buffer {
    const folder = folderOf(path);
    return joinPath(this.folder(folder), folder.byteLength === 0 ? path : path.subarray(folder.byteLength + 1));
  }

  /** From now on this folder must stay the one that it is. */
  remember(path: Buffer): void {
    const { dev, ino } = lstatSync(joinPath(this.folder(path), Buffer.from(".")));
    this.#known.set(keyOf(path), `${dev}:${ino}`);
  }

  [Symbol.dispose](): void {
    for (const { fd } of this.#open.values()) closeSync(fd);
    this.#open.clear();
  }

  #hold(key: string, path: Buffer): Buffer {
    const native = this.at(path);
    if (!canPin) {
      if (!lstatSync(native).isDirectory()) throw notADirectory();
      return native;
    }
    const fd = openSync(native, O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    const known = this.#known.get(key);
    if (known !== undefined) {
      const { dev, ino } = fstatSync(fd);
      if (`${dev}:${ino}` !== known) {
        closeSync(fd);
        throw new Error("it is another folder than before: something else writes there");
      }
    }
    const [oldest] = this.#open;
    if (oldest !== undefined && this.#open.size >= OPEN_MAX) {
      closeSync(oldest[1].fd);
      this.#open.delete(oldest[0]);
    }
    const open = { fd, path: Buffer.from(`/proc/self/fd/${fd}`) };
    this.#open.set(key, open);
    return open.path;
  }
}

function notADirectory(): Error {
  return Object.assign(new Error("ENOTDIR: not a directory"), { code: "ENOTDIR" });
}
