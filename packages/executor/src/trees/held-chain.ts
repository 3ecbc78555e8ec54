import { closeSync, constants, mkdirSync, openSync } from "node:fs";
import { errnoOf, osFault } from "../filesystem/fault.ts";
import { joinPath, pathNames } from "../filesystem/native-path.ts";
import { FOLDERS_HELD_MAX } from "./limits.ts";

/** Linux: a descriptor that only names a place. */
const O_PATH = 0o10000000;
const FLAGS = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const NOTHING = Buffer.alloc(0);

interface Held {
  readonly name: Buffer;
  readonly fd: number;
  readonly path: Buffer;
}

/** Whether folders that are missing on the way are made. */
export interface HeldChainOptions {
  readonly makesMissing: boolean;
}

/**
 * The way down from a held folder, folder by folder and through no link. What was stepped into last stays held, so that a tree that
 * is walked in its order costs one call per folder.
 *
 * For a thread of its own: every call into the system is waited for.
 */
export class HeldChain {
  readonly #root: Buffer;
  readonly #options: HeldChainOptions;
  readonly #held: Held[] = [];
  /** Below the last of `#held`, where the way is longer than may be held. */
  #deep: Held | undefined;
  #lastParent = NOTHING;
  #lastPath: Buffer;

  /** @param root - Names a held folder for any call, such as `/proc/self/fd/N`; it stays the caller's. */
  constructor(root: Buffer, options: HeldChainOptions) {
    this.#root = root;
    this.#options = options;
    this.#lastPath = root;
  }

  /**
   * A path by which any call reaches an entry, by way of its held folder. Good until the next call.
   *
   * @param name - From the root, checked before.
   * @throws the system's error: something on the way is missing, or no folder. A link is none.
   */
  entry(name: Buffer): Buffer {
    const slash = name.lastIndexOf(0x2f);
    const parent = slash === -1 ? NOTHING : name.subarray(0, slash);
    if (!parent.equals(this.#lastParent)) {
      this.#lastPath = this.#descend(pathNames(parent));
      this.#lastParent = Buffer.from(parent);
    }
    return joinPath(this.#lastPath, slash === -1 ? name : name.subarray(slash + 1));
  }

  /** Step into a folder. @returns a path by which any call reaches it. Good until the next call. */
  folder(name: Buffer): Buffer {
    if (name.length === 0) return this.#root;
    this.#lastPath = this.#descend(pathNames(name));
    this.#lastParent = Buffer.from(name);
    return this.#lastPath;
  }

  /** Hold nothing any more. It can be used again. */
  close(): void {
    this.#closeDeep();
    while (this.#held.length > 0) this.#pop();
    this.#lastParent = NOTHING;
    this.#lastPath = this.#root;
  }

  #descend(names: readonly Buffer[]): Buffer {
    // What was remembered would be wrong if this fails on the way.
    this.#lastParent = NOTHING;
    this.#lastPath = this.#root;
    this.#closeDeep();
    let common = 0;
    while (common < this.#held.length && common < names.length && this.#isHeld(common, names)) common += 1;
    while (this.#held.length > common) this.#pop();
    for (const name of names.slice(common, FOLDERS_HELD_MAX)) this.#held.push(this.#step(this.#path(), name));
    for (const name of names.slice(FOLDERS_HELD_MAX)) {
      const next = this.#step(this.#path(), name);
      this.#closeDeep();
      this.#deep = next;
    }
    return this.#path();
  }

  #isHeld(index: number, names: readonly Buffer[]): boolean {
    const name = names[index];
    return name !== undefined && this.#held[index]?.name.equals(name) === true;
  }

  #path(): Buffer {
    return this.#deep?.path ?? this.#held.at(-1)?.path ?? this.#root;
  }

  #step(parent: Buffer, name: Buffer): Held {
    const fd = this.#open(joinPath(parent, name));
    return { name: Buffer.from(name), fd, path: Buffer.from(`/proc/self/fd/${fd}`) };
  }

  #open(path: Buffer): number {
    try {
      return openSync(path, FLAGS);
    } catch (thrown) {
      const code = errnoOf(thrown);
      // What the system says of a link that may not be followed.
      if (code === "ELOOP") throw osFault("ENOTDIR", thrown);
      if (code !== "ENOENT" || !this.#options.makesMissing) throw thrown;
    }
    mkdirSync(path);
    return openSync(path, FLAGS);
  }

  #pop(): void {
    const last = this.#held.pop();
    if (last !== undefined) closeSync(last.fd);
  }

  #closeDeep(): void {
    if (this.#deep !== undefined) closeSync(this.#deep.fd);
    this.#deep = undefined;
  }
}
