import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import ignore, { type Ignore } from "ignore";
import { folderOf, keyOf } from "./tree-entry.ts";

const GITIGNORE = Buffer.from(".gitignore");
const GIT = ".git";
/** Longer files of patterns are no such. */
const GITIGNORE_MAX_BYTES = 1024 * 1024;
/** Windows has no such flags. */
const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;

/** What of a tree is left out. */
export interface FilterOptions {
  /** Patterns as in a `.gitignore` file in the root. */
  readonly exclude?: readonly string[] | undefined;
  /** Leave out what the `.gitignore` files in the tree say, and `.git`. Default false. */
  readonly gitignore?: boolean | undefined;
}

/** As an executor takes it; undefined where nothing is left out. */
export function wireFilter({
  exclude = [],
  gitignore = false,
}: FilterOptions): { readonly exclude?: string[]; readonly useGitignore?: boolean } | undefined {
  if (exclude.length === 0 && !gitignore) return undefined;
  return { ...(exclude.length > 0 && { exclude: [...exclude] }), ...(gitignore && { useGitignore: true }) };
}

/** Decides which entries of a local tree are left out. It is walked from the top, a folder before what is in it. */
export class TreeFilter {
  readonly #exclude: Ignore | undefined;
  readonly #usesFiles: boolean;
  /** Rules of the `.gitignore` file of a folder, by its path. */
  readonly #rules = new Map<string, Ignore>();

  private constructor({ exclude = [], gitignore = false }: FilterOptions) {
    this.#exclude = exclude.length === 0 ? undefined : ignore().add([...exclude]);
    this.#usesFiles = gitignore;
  }

  /** Undefined where nothing is left out. */
  static of(options: FilterOptions): TreeFilter | undefined {
    const isEmpty = (options.exclude?.length ?? 0) === 0 && options.gitignore !== true;
    return isEmpty ? undefined : new TreeFilter(options);
  }

  /** Read the rules of a folder that is about to be walked. @param native - Its entries, for calls. */
  enter(folder: Buffer, names: readonly Buffer[], native: (name: Buffer) => Buffer): void {
    if (!this.#usesFiles || !names.some((name) => name.equals(GITIGNORE))) return;
    const text = readRules(native(GITIGNORE));
    if (text !== undefined) this.#rules.set(keyOf(folder), ignore().add(text));
  }

  /** What of a listing is not left out, folders before what is in them. */
  admitted<Entry extends { readonly path: Buffer; readonly kind: string }>(entries: readonly Entry[]): Entry[] {
    const out = new Set<string>();
    return entries.filter(({ path, kind }) => {
      if (path.byteLength === 0) return true;
      const isOut = out.has(keyOf(folderOf(path))) || this.excludes(path, kind === "folder");
      if (isOut) out.add(keyOf(path));
      return !isOut;
    });
  }

  /** Whether an entry is left out, and everything in it. What it is in is not. */
  excludes(path: Buffer, isFolder: boolean): boolean {
    const text = path.toString();
    const suffix = isFolder ? "/" : "";
    const own = this.#exclude?.test(text + suffix);
    if (own?.ignored === true) return true;
    // A pattern with `!` takes in what the files leave out.
    if (own?.unignored === true || !this.#usesFiles) return false;
    const name = text.slice(text.lastIndexOf("/") + 1);
    if (name === GIT) return true;
    // The rules nearest to it decide.
    for (let folder = folderOf(path); ; folder = folderOf(folder)) {
      const rules = this.#rules.get(keyOf(folder));
      if (rules !== undefined) {
        const below = path.subarray(folder.byteLength === 0 ? 0 : folder.byteLength + 1).toString();
        const { ignored, unignored } = rules.test(below + suffix);
        if (ignored) return true;
        if (unignored) return false;
      }
      if (folder.byteLength === 0) return false;
    }
  }
}

/** Undefined where it is no regular file of a size that a person writes, or can not be read. */
function readRules(path: Buffer): string | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const stats = fstatSync(fd);
    if (!stats.isFile() || stats.size > GITIGNORE_MAX_BYTES) return undefined;
    const content = Buffer.alloc(stats.size);
    return content.toString("utf8", 0, readSync(fd, content, 0, content.byteLength, 0));
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
