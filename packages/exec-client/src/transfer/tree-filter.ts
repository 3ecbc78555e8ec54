import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { IGNORE_FILE_MAX_BYTES, IgnoreFilter, IgnoreRulesError } from "@holdfast/path-uri";
import { InvalidArgumentError } from "../errors.ts";
import { folderOf, keyOf, nameIn } from "./tree-entry.ts";

const GITIGNORE = Buffer.from(".gitignore");
/** Memory of the rules of all ignore files of one tree: they are kept until it is copied. */
const FILES_MAX_BYTES = 256 * 1024 * 1024;
/** Windows has no such flags. */
const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
/** There is none, it is a socket, or a link: git goes through none either. */
const NONE = new Set(["ENOENT", "ENXIO", "ELOOP"]);

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

/** The filter of a folder, and that of what it is in. */
interface FolderFilter {
  readonly key: string;
  readonly filter: IgnoreFilter;
  readonly above: FolderFilter | undefined;
}

/** Decides which entries of a tree are left out. It is walked from the top, a folder before what is in it. */
export class TreeFilter {
  readonly #root: IgnoreFilter;
  /** Of the folders with an ignore file, by their path: what is in them. */
  readonly #folders = new Map<string, IgnoreFilter>();
  /** Folders whose ignore file can't be followed: nothing in them is admitted. */
  readonly #closed = new Set<string>();
  /** Of the folder that was asked for last: what is in it, or in a folder above, is asked for next. */
  #last: FolderFilter;
  #bytes = 0;

  private constructor(root: IgnoreFilter) {
    this.#root = root;
    this.#last = { key: "", filter: root, above: undefined };
  }

  /**
   * Undefined where nothing is left out.
   *
   * @throws InvalidArgumentError - `exclude` has more or longer patterns than are followed.
   */
  static of({ exclude = [], gitignore = false }: FilterOptions): TreeFilter | undefined {
    try {
      const root = IgnoreFilter.of({ exclude, followsFiles: gitignore });
      return root.isEmpty ? undefined : new TreeFilter(root);
    } catch (error) {
      if (error instanceof IgnoreRulesError) throw new InvalidArgumentError("exclude", `\`exclude\` ${error.message}`);
      throw error;
    }
  }

  /** Whether ignore files say something. */
  get followsFiles(): boolean {
    return this.#root.followsFiles;
  }

  /**
   * Read the rules of a local folder that is about to be walked.
   *
   * @param native - Its entries, for calls.
   * @throws if they can't be followed. Nothing that is in the folder is admitted then.
   */
  enter(folder: Buffer, names: readonly Buffer[], native: (name: Buffer) => Buffer): void {
    if (!this.followsFiles || !names.some((name) => name.equals(GITIGNORE))) return;
    try {
      const text = readIgnoreFile(native(GITIGNORE));
      if (text !== undefined) this.follow(folder, text);
    } catch (error) {
      this.#closed.add(keyOf(folder));
      throw error;
    }
  }

  /**
   * Follow what the ignore file of a folder says.
   *
   * @throws IgnoreRulesError - It can't be followed. Nothing that is in the folder is admitted then.
   */
  follow(folder: Buffer, text: Uint8Array): void {
    const key = keyOf(folder);
    try {
      const filter = this.#inside(folder).filter.withFile(text);
      this.#bytes += filter.fileMemoryBytes;
      if (this.#bytes > FILES_MAX_BYTES) {
        throw new IgnoreRulesError(`comes after others that take ${FILES_MAX_BYTES} bytes of memory in this tree`);
      }
      this.#folders.set(key, filter);
      this.#last = { ...this.#last, filter };
    } catch (error) {
      this.#closed.add(key);
      if (!(error instanceof IgnoreRulesError)) throw error;
      throw new IgnoreRulesError(`left out, because its .gitignore ${error.message}`);
    }
  }

  /** What of a listing is not left out, folders before what is in them. */
  admitted<Entry extends { readonly path: Buffer; readonly kind: string }>(entries: readonly Entry[]): Entry[] {
    const out = new Set<string>();
    return entries.filter(({ path, kind }) => {
      if (path.byteLength === 0) return true;
      const isOut = out.has(keyOf(folderOf(path))) || this.#isClosed(path) || this.excludes(path, kind === "folder");
      if (isOut) out.add(keyOf(path));
      return !isOut;
    });
  }

  /** Whether it is in a folder whose ignore file can't be followed, however far below. */
  #isClosed(path: Buffer): boolean {
    if (this.#closed.size === 0) return false;
    for (let at = path; at.byteLength > 0; ) {
      at = folderOf(at);
      if (this.#closed.has(keyOf(at))) return true;
    }
    return false;
  }

  /** Whether an entry is left out, and everything in it. What it is in is not. */
  excludes(path: Buffer, isFolder: boolean): boolean {
    return this.#inside(folderOf(path)).filter.ignores(nameIn(path), isFolder);
  }

  #inside(folder: Buffer): FolderFilter {
    const key = keyOf(folder);
    for (let known: FolderFilter | undefined = this.#last; known !== undefined; known = known.above) {
      if (known.key !== key) continue;
      this.#last = known;
      return known;
    }
    // The root is above everything.
    const above = this.#inside(folderOf(folder));
    this.#last = { key, filter: this.#folders.get(key) ?? above.filter.below(nameIn(folder)), above };
    return this.#last;
  }
}

/** Undefined where it is no regular file. One byte more is read than may be in it. */
function readIgnoreFile(path: Buffer): Uint8Array | undefined {
  let fd: number;
  try {
    fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    if (error instanceof Error && "code" in error && NONE.has(String(error.code))) return undefined;
    throw error;
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) return undefined;
    const content = Buffer.alloc(Math.min(stats.size, IGNORE_FILE_MAX_BYTES + 1));
    return content.subarray(0, readSync(fd, content, 0, content.byteLength, 0));
  } finally {
    closeSync(fd);
  }
}
