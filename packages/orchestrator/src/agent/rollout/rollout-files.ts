import type { Dirent } from "node:fs";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type RolloutHead, readHead } from "./read-head.ts";
import { ARCHIVE_FOLDER, readRolloutName, SESSIONS_FOLDER } from "./rollout-name.ts";

/** A file of a thread. */
export interface RolloutFile {
  readonly path: string;
  readonly threadId: string;
}

/** Heads that are kept in memory. */
const HEADS_MAX = 20_000;
/** Folders within one another below the folder of sessions: year, month, day. */
const DEPTH_MAX = 4;

/**
 * The files of the threads of a home. The start of a file is read once: it does not change any more when somebody has said something.
 */
export class RolloutFiles {
  readonly #home: string;
  readonly #heads = new Map<string, RolloutHead>();

  constructor(home: string) {
    this.#home = home;
  }

  /** Newest name first. Folders are looked through whatever their names. */
  async list(isArchived: boolean): Promise<RolloutFile[]> {
    const found: RolloutFile[] = [];
    await collect(join(this.#home, isArchived ? ARCHIVE_FOLDER : SESSIONS_FOLDER), DEPTH_MAX, found);
    found.sort((one, other) => (basename(one.path) < basename(other.path) ? 1 : -1));
    return found;
  }

  async find(threadId: string, isArchived: boolean): Promise<string | undefined> {
    return (await this.list(isArchived)).find((file) => file.threadId === threadId)?.path;
  }

  /** In use or archived. */
  async findAnywhere(threadId: string): Promise<string | undefined> {
    return (await this.find(threadId, false)) ?? (await this.find(threadId, true));
  }

  /** Undefined: the file is none of a thread, or is gone. */
  async head(path: string): Promise<RolloutHead | undefined> {
    const known = this.#heads.get(path);
    if (known !== undefined) return known;
    let head: RolloutHead | undefined;
    try {
      head = await readHead(path);
    } catch {
      return undefined;
    }
    if (head !== undefined && head.preview !== "") {
      if (this.#heads.size >= HEADS_MAX) this.#heads.clear();
      this.#heads.set(path, head);
    }
    return head;
  }

  /** When it was last written, in Unix milliseconds. 0: it is gone. */
  async writtenAt(path: string): Promise<number> {
    try {
      return (await stat(path)).mtimeMs;
    } catch {
      return 0;
    }
  }

  /** @returns where it lies then. */
  async archive(path: string): Promise<string> {
    return await this.#move(path, join(this.#home, ARCHIVE_FOLDER, basename(path)));
  }

  /** @returns where it lies then. */
  async unarchive(path: string): Promise<string> {
    const [year, month, day] = readRolloutName(basename(path))?.day ?? ["0000", "00", "00"];
    return await this.#move(path, join(this.#home, SESSIONS_FOLDER, year, month, day, basename(path)));
  }

  async remove(path: string): Promise<void> {
    this.#heads.delete(path);
    await rm(path, { force: true });
  }

  async #move(from: string, to: string): Promise<string> {
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    await rename(from, to);
    const head = this.#heads.get(from);
    this.#heads.delete(from);
    if (head !== undefined) this.#heads.set(to, head);
    return to;
  }
}

async function collect(folder: string, depth: number, found: RolloutFile[]): Promise<void> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch {
    return;
  }
  for (const entry of entries) {
    const path = join(folder, entry.name);
    const name = entry.isFile() ? readRolloutName(entry.name) : undefined;
    if (name !== undefined) found.push({ path, threadId: name.threadId });
    else if (entry.isDirectory() && depth > 1) await collect(path, depth - 1, found);
  }
}
