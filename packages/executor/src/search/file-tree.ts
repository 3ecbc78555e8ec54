import { lstat, stat } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { PathGlobState, PathGlobs } from "@holdfast/path-uri";
import {
  canonicalize,
  type EntryKind,
  errnoOf,
  kindOf,
  type ListedEntry,
  listDirectory,
  osFault,
  toFault,
} from "../filesystem/index.ts";

/** A path with one character per byte (`latin1`). */
export type BytePath = string;

/** Which files of a tree. */
export interface TreeFilter {
  readonly wanted: PathGlobs;
  readonly ignored: PathGlobs;
  readonly followSymlinks: boolean;
}

/** What a search comes by. */
export type Visit =
  | { readonly type: "entry"; readonly path: BytePath; readonly below: BytePath; readonly kind: EntryKind }
  /** Nothing to tell; the search has come this far. */
  | { readonly type: "passed"; readonly path: BytePath; readonly below: BytePath }
  | { readonly type: "problem"; readonly path: BytePath; readonly below: BytePath; readonly message: string };

/** Where to begin. */
export interface TreeStart {
  /** The last path below the root that was visited; undefined: none. */
  readonly after: BytePath | undefined;
  /** Visit that one once more. */
  readonly isAgain: boolean;
}

/** A folder that is being gone through. */
interface Level {
  readonly path: BytePath;
  readonly below: BytePath;
  /** Links resolved, where links are followed. */
  readonly canonical: BytePath | undefined;
  readonly wanted: PathGlobState;
  readonly ignored: PathGlobState;
  readonly entries: readonly ListedEntry[];
  next: number;
}

/** Entries of one folder that are held at a time. */
const MAX_FOLDER_ENTRIES = 1_000_000;
const MAX_DEPTH = 256;
/** Longest stretch of work without giving others a turn. */
const MAX_STRETCH_MS = 2;
const ENTRIES_PER_LOOK = 64;

/**
 * Go through a tree, a folder before what lies in it, names in byte order, into folders only where something may match. Folders that are
 * reached by a link from below themselves are not entered.
 *
 * @throws FileSystemFault - The root is missing, or no folder.
 */
export async function* visitTree(root: Buffer, filter: TreeFilter, start: TreeStart): AsyncGenerator<Visit> {
  const walk = new TreeWalk(filter);
  yield* walk.begin(root.toString("latin1").replace(/\/+$/, ""), start);
  yield* walk.run();
}

class TreeWalk {
  readonly #filter: TreeFilter;
  readonly #levels: Level[] = [];
  #looked = 0;
  #stretchStartMs = performance.now();

  constructor(filter: TreeFilter) {
    this.#filter = filter;
  }

  /** Go down to where it begins; a folder that is gone by now is passed by. */
  async *begin(root: BytePath, { after, isAgain }: TreeStart): AsyncGenerator<Visit> {
    const path = root === "" ? "/" : root;
    if (!(await stat(Buffer.from(path, "latin1")).then((found) => found.isDirectory(), rethrow)))
      throw osFault("ENOTDIR");
    const { wanted, ignored } = this.#filter;
    const top = await this.#levelOf(root, "", { wanted: wanted.start, ignored: ignored.start });
    if ("type" in top) {
      yield top;
      return;
    }
    this.#levels.push(top);
    const names = after === undefined ? [] : after.split("/");
    for (const [index, name] of names.entries()) {
      const level = this.#levels.at(-1);
      if (level === undefined) return;
      level.next = firstAfter(level.entries, name);
      const entry = level.entries[level.next - 1];
      if (entry?.name !== name) return;
      const isLast = index === names.length - 1;
      if (isLast && isAgain) {
        level.next -= 1;
        return;
      }
      const visit = await this.#examine(level, entry);
      if (visit?.entered === undefined) return;
      const below = await this.#levelOf(visit.path, visit.below, visit.entered);
      if ("type" in below) return;
      this.#levels.push(below);
    }
  }

  async *run(): AsyncGenerator<Visit> {
    for (let level = this.#levels.at(-1); level !== undefined; level = this.#levels.at(-1)) {
      const entry = level.entries[level.next];
      level.next += 1;
      if (entry === undefined) {
        this.#levels.pop();
        continue;
      }
      const visit = await this.#examine(level, entry);
      this.#looked += 1;
      if (this.#looked % ENTRIES_PER_LOOK === 0) await this.#giveWay();
      if (visit === undefined || !visit.isWanted) {
        const passed = visit ?? {
          path: level.path,
          below: level.below === "" ? entry.name : `${level.below}/${entry.name}`,
        };
        if (this.#looked % ENTRIES_PER_LOOK === 0) yield { type: "passed", path: passed.path, below: passed.below };
      }
      if (visit === undefined) continue;
      const { path, below, kind, isWanted, entered } = visit;
      if (isWanted) yield { type: "entry", path, below, kind };
      if (entered === undefined) continue;
      const next = await this.#levelOf(path, below, entered);
      if ("type" in next) yield next;
      else this.#levels.push(next);
    }
  }

  /** Undefined: it is not wanted, nor is anything below it. */
  async #examine(level: Level, entry: ListedEntry) {
    const { wanted, ignored, followSymlinks } = this.#filter;
    const name = textOf(entry.name);
    const below = level.below === "" ? entry.name : `${level.below}/${entry.name}`;
    const path = `${level.path}/${entry.name}`;
    const states = { wanted: wanted.advance(level.wanted, name), ignored: ignored.advance(level.ignored, name) };
    const isWanted = wanted.isMatch(states.wanted);
    const mayEnter = wanted.mayMatchBelow(states.wanted) && this.#levels.length < MAX_DEPTH;
    if ((!isWanted && !mayEnter) || ignored.isMatch(states.ignored)) return undefined;
    const own = listedKind(entry);
    const kind = own === "unknown" || (own === "symlink" && followSymlinks) ? await this.#look(path, own) : own;
    if (kind === undefined) return undefined;
    const entered = mayEnter && kind === "directory" ? states : undefined;
    return { path, below, kind, isWanted, entered };
  }

  /** Where the file system tells no kinds, and where a link leads. One that leads nowhere is a link. */
  async #look(path: BytePath, own: EntryKind): Promise<EntryKind | undefined> {
    const bytes = Buffer.from(path, "latin1");
    if (own === "symlink" || this.#filter.followSymlinks) {
      const target = await stat(bytes).then(kindOf, () => undefined);
      if (target !== undefined || own === "symlink") return target ?? own;
    }
    return lstat(bytes).then(kindOf, () => undefined);
  }

  async #levelOf(
    path: BytePath,
    below: BytePath,
    states: { readonly wanted: PathGlobState; readonly ignored: PathGlobState },
  ): Promise<Level | Extract<Visit, { readonly type: "problem" }>> {
    try {
      const real = path === "" ? "/" : path;
      const canonical = this.#filter.followSymlinks
        ? (await canonicalize(Buffer.from(real, "latin1"))).toString("latin1")
        : undefined;
      const isAbove = canonical !== undefined && this.#levels.some((level) => level.canonical === canonical);
      const outcome = isAbove ? NOTHING : await listDirectory(real, LISTING);
      if (outcome.kind === "failed") throw outcome.thrown;
      return { path, below, canonical, ...states, entries: outcome.listing.entries, next: 0 };
    } catch (thrown) {
      return { type: "problem", path: path === "" ? "/" : path, below, message: messageOf(thrown) };
    }
  }

  async #giveWay(): Promise<void> {
    if (performance.now() - this.#stretchStartMs < MAX_STRETCH_MS) return;
    await nextTurn();
    this.#stretchStartMs = performance.now();
  }
}

const LISTING = { maxEntries: MAX_FOLDER_ENTRIES, resolveLinks: false };
const NOTHING = { kind: "listed", listing: { entries: [] as readonly ListedEntry[] } } as const;

function listedKind(entry: ListedEntry): EntryKind {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "directory";
  return entry.isSymbolicLink() ? "symlink" : "unknown";
}

/** The name as text for patterns: bytes that are no UTF-8 become U+FFFD, which wildcards match. */
function textOf(name: BytePath): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: everything below 0x80 stands for itself.
  return /^[\x00-\x7f]*$/.test(name) ? name : Buffer.from(name, "latin1").toString("utf8");
}

/** Index of the first entry behind a name. */
function firstAfter(entries: readonly ListedEntry[], name: string): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle]?.name ?? "") > name) high = middle;
    else low = middle + 1;
  }
  return low;
}

function messageOf(thrown: unknown): string {
  const code = errnoOf(thrown);
  return code === undefined ? toFault(thrown).message : osFault(code).message;
}

function rethrow(thrown: unknown): never {
  throw toFault(thrown);
}
