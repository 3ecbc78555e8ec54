import { posix } from "node:path";
import type { Executor } from "@holdfast/exec-client";
import { IgnoreFilter } from "@holdfast/path-uri";
import { forEachAtOnce } from "../../for-each-at-once.ts";
import { rulesOf } from "./ignore-rules-of.ts";
import { DEPTH_MAX, ENTRIES_MAX, LISTINGS_AT_ONCE } from "./limits.ts";
import type { FoundEntry } from "./rank-files.ts";

const REPOSITORY = ".git";

/** A folder that a search begins at. */
export interface SearchRoot {
  /** As the client named it. */
  readonly name: string;
  /** Native absolute path. */
  readonly path: string;
}

interface Folder {
  readonly root: SearchRoot;
  /** From the root; empty for the root itself. */
  readonly path: string;
  /** Where it is, by which it is read. */
  readonly place: string;
  /** The same without links: by that it is seen that a link leads back. */
  readonly realPlace: string;
  readonly filter: IgnoreFilter;
  readonly isInRepository: boolean;
}

/** What lies below some folders, found out folder by folder: what ignore files leave out is not there. Each file is found below the root that is nearest to it. */
export class FileListing {
  readonly entries: FoundEntry[] = [];
  /** Resolves when all is known. Never rejects: what can not be read is left out. */
  readonly done: Promise<void>;
  readonly #executor: Executor;
  readonly #signal: AbortSignal;
  readonly #roots: ReadonlySet<string>;
  #isDone = false;

  /** @param signal - Ends it. */
  constructor(executor: Executor, roots: readonly SearchRoot[], signal: AbortSignal) {
    this.#executor = executor;
    this.#signal = signal;
    this.#roots = new Set(roots.map(({ path }) => path));
    this.done = this.#listAll(roots);
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  async #listAll(roots: readonly SearchRoot[]): Promise<void> {
    const found = await Promise.all(roots.map((root) => this.#begin(root)));
    let folders = found.filter((folder) => folder !== undefined);
    for (let depth = 0; folders.length > 0 && depth < DEPTH_MAX; depth += 1) {
      const below: Folder[] = [];
      await forEachAtOnce(folders, LISTINGS_AT_ONCE, async (folder) => {
        if (!this.#isFull) below.push(...(await this.#list(folder)));
      });
      folders = below;
    }
    this.#isDone = true;
  }

  get #isFull(): boolean {
    return this.#signal.aborted || this.entries.length >= ENTRIES_MAX;
  }

  /** A root, with what the folders above it say up to that of its repository. Undefined: it is none. */
  async #begin(root: SearchRoot): Promise<Folder | undefined> {
    try {
      const realPlace = await this.#executor.fs.realpath(root.path);
      const above = await this.#above(realPlace);
      const none = IgnoreFilter.of({ exclude: [], followsFiles: true });
      let filter = none;
      for (const { path, name, names } of above) {
        const own = await rulesOf(this.#executor, filter, { path, names, isInRepository: true });
        filter = (own ?? none).below(Buffer.from(name));
      }
      return { root, path: "", place: root.path, realPlace, filter, isInRepository: above.length > 0 };
    } catch {
      return undefined;
    }
  }

  /** The folders above one, from that of its repository down, each with the name that leads on. None: it is in no repository. */
  async #above(place: string): Promise<readonly { path: string; name: string; names: ReadonlySet<string> }[]> {
    const above: { path: string; name: string; names: ReadonlySet<string> }[] = [];
    for (let at = place; at !== posix.dirname(at); at = posix.dirname(at)) {
      const path = posix.dirname(at);
      const names = new Set((await this.#executor.fs.readDirectory(path)).map(({ name }) => name));
      above.unshift({ path, name: posix.basename(at), names });
      if (names.has(REPOSITORY)) return above;
    }
    return [];
  }

  /** Tell what is in a folder. @returns the folders in it. */
  async #list(folder: Folder): Promise<readonly Folder[]> {
    const { fs } = this.#executor;
    const { root, place, realPlace: listed } = folder;
    try {
      const { entries } = await fs.walk(listed, { maxDepth: 0, includeSymlinks: true, paths: "native" });
      const named = entries.map(({ path, kind }) => ({ name: path.slice(path.lastIndexOf("/") + 1), kind }));
      const names = new Set(named.map(({ name }) => name));
      const isInRepository = folder.isInRepository || names.has(REPOSITORY);
      const filter = await rulesOf(this.#executor, folder.filter, { path: place, names, isInRepository });
      if (filter === undefined) return [];
      const below: Folder[] = [];
      for (const { name, kind } of named) {
        if (this.#isFull) break;
        const at = {
          place: `${place === "/" ? "" : place}/${name}`,
          path: folder.path === "" ? name : `${folder.path}/${name}`,
        };
        const isFolder = kind === "directory" || (kind === "symlink" && (await this.#leadsToFolder(at.place)));
        if (isFolder === undefined || filter.ignores(Buffer.from(name), isFolder)) continue;
        if (isFolder && this.#roots.has(at.place)) continue;
        if (!isFolder) {
          this.entries.push({ root: root.name, path: at.path, isFolder });
          continue;
        }
        const realPlace = kind === "symlink" ? await fs.realpath(at.place) : `${folder.realPlace}/${name}`;
        // A link that leads back leads to nothing new.
        if (kind === "symlink" && isAbove(realPlace, folder.realPlace)) continue;
        this.entries.push({ root: root.name, path: at.path, isFolder });
        below.push({ ...at, root, realPlace, filter: filter.below(Buffer.from(name)), isInRepository });
      }
      return below;
    } catch {
      return [];
    }
  }

  /** Undefined: to nothing. */
  async #leadsToFolder(place: string): Promise<boolean | undefined> {
    try {
      return (await this.#executor.fs.metadata(place)).isDirectory;
    } catch {
      return undefined;
    }
  }
}

function isAbove(place: string, other: string): boolean {
  return other === place || other.startsWith(place === "/" ? "/" : `${place}/`);
}
