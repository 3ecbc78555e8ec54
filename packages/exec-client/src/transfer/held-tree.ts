import { joinPath, type PinnedDirectory, pinDirectory, systemCalls } from "./held-folders.ts";

/** Folders that stay open although nobody uses them at the moment. Each takes one descriptor. */
const IDLE_MAX = 64;

interface Held {
  readonly folder: Promise<PinnedDirectory>;
  users: number;
}

/**
 * The folders of a local tree, each reached through the one above it without following a link, and held open while it is
 * used: whoever swaps folders or links meanwhile leads nothing astray. (Where the platform can not hold a folder, its path
 * is looked at before each use instead.)
 *
 * Paths are in bytes, from the top of the tree; empty for the top itself.
 */
export class HeldTree {
  readonly #top: PinnedDirectory;
  /** Keyed by path, each byte one character; the one that was used last is last. */
  readonly #held = new Map<string, Held>();
  /** Device and inode of folders that must stay what they are. */
  readonly #known = new Map<string, string>();

  /** @param top - Closed together with the tree. */
  constructor(top: PinnedDirectory) {
    this.#top = top;
  }

  /** Native path of the top, good for any call as long as the tree is open. */
  get top(): Buffer {
    return this.#top.path;
  }

  /**
   * Do something in a folder of the tree. What it is handed leads into that very folder, whatever its name leads to by then.
   *
   * @throws the system's error, `ENOTDIR` for a link.
   */
  async within<T>(path: Buffer, use: (folder: Buffer) => Promise<T>): Promise<T> {
    if (path.byteLength === 0) return use(this.#top.path);
    const key = path.toString("latin1");
    const held = this.#held.get(key) ?? this.#hold(key, path);
    this.#held.delete(key);
    this.#held.set(key, held);
    held.users += 1;
    try {
      return await use((await held.folder).path);
    } finally {
      held.users -= 1;
      await this.#closeIdle();
    }
  }

  /** As {@link within}, with the place of an entry in its folder. */
  at<T>(path: Buffer, use: (entry: Buffer) => Promise<T>): Promise<T> {
    const cut = path.lastIndexOf("/");
    const name = path.subarray(cut + 1);
    return this.within(path.subarray(0, Math.max(0, cut)), (folder) => use(joinPath(folder, name)));
  }

  /** From now on this folder must stay the one that it is. */
  async remember(path: Buffer): Promise<void> {
    await this.within(path, async (folder) => {
      this.#known.set(path.toString("latin1"), await identityOf(folder));
    });
  }

  async close(): Promise<void> {
    await this.#closeIdle(0);
    await this.#top.close();
  }

  #hold(key: string, path: Buffer): Held {
    const held = { folder: this.#open(path), users: 0 };
    // It may well be there the next time.
    held.folder.catch(() => this.#held.get(key) === held && this.#held.delete(key));
    return held;
  }

  async #open(path: Buffer): Promise<PinnedDirectory> {
    const folder = await this.at(path, (entry) => pinDirectory(entry, { noFollow: true }));
    const known = this.#known.get(path.toString("latin1"));
    if (known === undefined || (await identityOf(folder.path)) === known) return folder;
    await folder.close();
    throw new Error("it is another folder than before: something else writes there");
  }

  async #closeIdle(most = IDLE_MAX): Promise<void> {
    for (const [key, held] of this.#held) {
      if (this.#held.size <= most) return;
      if (held.users > 0) continue;
      this.#held.delete(key);
      // One that could not be opened has told so already.
      await held.folder.then(
        (folder) => folder.close(),
        () => {},
      );
    }
  }
}

async function identityOf(folder: Buffer): Promise<string> {
  const { dev, ino } = await systemCalls.stat(folder);
  return `${dev}:${ino}`;
}
