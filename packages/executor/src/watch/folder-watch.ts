import { stat } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import { canonicalize, FileSystemFault, isFreshName, listDirectory, osFault, toFault } from "../filesystem/index.ts";
import { IN, Inotify, type InotifyEvent } from "../platform/inotify.ts";
import { errnoName } from "../platform/os-error.ts";
import type { BytePath, ChangeWindow } from "./change-window.ts";

/** What to watch. */
export interface FolderWatchRequest {
  /** Absolute native path of a folder or file. */
  readonly path: Buffer;
  readonly recursive: boolean;
  /** Most folders. */
  readonly maxFolders: number;
}

/** A watched folder, found by the kernel's number and placed by its name in its parent. */
interface Folder {
  readonly watch: number;
  parent: Folder | undefined;
  name: string;
  readonly children: Map<string, Folder>;
}

/** The first half of a move, until the second is read. */
interface Leaving {
  readonly cookie: number;
  readonly folder: Folder;
  readonly name: string;
  readonly path: BytePath;
}

const CHANGES = IN.MODIFY | IN.ATTRIB | IN.MOVED_FROM | IN.MOVED_TO | IN.CREATE | IN.DELETE;
const MASK = CHANGES | IN.DELETE_SELF | IN.MOVE_SELF | IN.ONLYDIR | IN.DONT_FOLLOW | IN.EXCL_UNLINK;
/** What has come or gone since it was listed, and what may not be read: there is nothing to watch. */
const NOT_THERE = new Set(["ENOENT", "ENOTDIR", "ELOOP", "EACCES", "ENAMETOOLONG"]);
/** Entries of one folder that are held at a time. */
const MAX_FOLDER_ENTRIES = 1_000_000;
/** Of the kernel in one turn; what is left comes in the next. */
const READS_PER_TURN = 256;

/**
 * Watches a folder, or the name of a file in its folder, and below it if asked to. Nothing happens but in {@link look}, which is to be
 * called again and again.
 */
export class FolderWatch {
  readonly #request: FolderWatchRequest;
  readonly #window: ChangeWindow;
  readonly #inotify: Inotify;
  readonly #folders = new Map<number, Folder>();
  /** Where the watched folder is, links resolved, and how its paths are told. */
  readonly #real: BytePath;
  readonly #shown: BytePath;
  /** Of a file: its name in the folder. */
  readonly #onlyName: string | undefined;
  #root: Folder | undefined;
  #leaving: Leaving | undefined;
  #end: string | undefined;
  #state: "idle" | "looking" | "closed" = "idle";

  private constructor(
    request: FolderWatchRequest,
    window: ChangeWindow,
    place: { readonly real: BytePath; readonly shown: BytePath; readonly onlyName: string | undefined },
  ) {
    this.#request = request;
    this.#window = window;
    this.#real = place.real;
    this.#shown = place.shown;
    this.#onlyName = place.onlyName;
    this.#inotify = openQueue();
  }

  /**
   * Begin. What happens after it has resolved is noticed.
   *
   * @throws FileSystemFault `not-found` - There is nothing. `other` - Too many folders, or the system gives no more watches.
   */
  static async start(request: FolderWatchRequest, window: ChangeWindow): Promise<FolderWatch> {
    const real = text(await canonicalize(request.path));
    const isFolder = await stat(request.path).then((found) => found.isDirectory(), rethrow);
    const cut = real.lastIndexOf("/");
    const shown = text(request.path).replace(/\/+$/, "");
    const place = isFolder
      ? { real: real === "/" ? "" : real, shown, onlyName: undefined }
      : { real: real.slice(0, cut), shown, onlyName: real.slice(cut + 1) };
    const watch = new FolderWatch(request, window, place);
    try {
      watch.#root = watch.#add(undefined, "");
      if (watch.#root === undefined) throw osFault("ENOENT");
      if (isFolder && request.recursive) await watch.#scan(watch.#root, "quietly");
      return watch;
    } catch (thrown) {
      watch.close();
      throw thrown;
    }
  }

  /** Why it is over: `removed`, or what went wrong. */
  get end(): string | undefined {
    return this.#end;
  }

  /** Take what has happened into the window. Never rejects. While one look is on its way, another does nothing. */
  async look(): Promise<void> {
    if (this.#state !== "idle" || this.#end !== undefined) return;
    this.#state = "looking";
    try {
      await this.#takeAll();
    } catch (thrown) {
      this.#end = toFault(thrown).message;
    }
    if (this.#isClosed()) this.#inotify.close();
    else this.#state = "idle";
  }

  close(): void {
    const wasIdle = this.#state === "idle";
    if (this.#state === "closed") return;
    this.#state = "closed";
    if (wasIdle) this.#inotify.close();
  }

  #isClosed(): boolean {
    return this.#state === "closed";
  }

  async #takeAll(): Promise<void> {
    const before = this.#leaving;
    for (let reads = 0; reads < READS_PER_TURN && !this.#isClosed(); reads += 1) {
      const events = this.#inotify.read();
      if (events.length === 0) break;
      // A storm must not keep others waiting.
      if (reads > 0) await nextTurn();
      for (const event of events) {
        const scanned = this.#take(event);
        if (scanned !== undefined) await scanned;
      }
    }
    // Both halves of a move are written at once: what has none by now went away.
    if (this.#leaving !== undefined && this.#leaving === before) this.#left();
  }

  /** A promise only where folders have to be listed: most events are changes of files, and there may be many. */
  #take({ watch, mask, cookie, name }: InotifyEvent): Promise<void> | undefined {
    if ((mask & IN.Q_OVERFLOW) !== 0) {
      this.#window.overflow();
      // Folders may have come meanwhile.
      return this.#request.recursive && this.#root !== undefined ? this.#scan(this.#root, "quietly") : undefined;
    }
    const folder = this.#folders.get(watch);
    if (folder === undefined) return undefined;
    if ((mask & IN.IGNORED) !== 0) this.#forget(folder);
    else if (name !== "") return this.#named(folder, { watch, mask, cookie, name });
    else if (folder === this.#root && (mask & (IN.DELETE_SELF | IN.MOVE_SELF | IN.UNMOUNT)) !== 0) this.#rootIsGone();
    return undefined;
  }

  #named(folder: Folder, { mask, cookie, name }: InotifyEvent): Promise<void> | undefined {
    if (this.#onlyName !== undefined && name !== this.#onlyName) return undefined;
    const path = this.#pathOf(folder, name);
    const isFolder = (mask & IN.ISDIR) !== 0;
    if ((mask & IN.MOVED_FROM) !== 0) {
      this.#left();
      this.#leaving = { cookie, folder, name, path };
    } else if (isOwnName(name)) {
      // What is put aside under such a name is gone for whoever watches.
      if ((mask & IN.MOVED_TO) !== 0 && this.#leaving?.cookie === cookie) this.#left();
    } else if ((mask & IN.MOVED_TO) !== 0 && this.#leaving?.cookie === cookie && !isOwnName(this.#leaving.name)) {
      this.#moved(this.#leaving, folder, name, path);
    } else if ((mask & (IN.CREATE | IN.MOVED_TO)) !== 0) {
      this.#window.created(path);
      if (isFolder && this.#request.recursive) return this.#enter(folder, name, "aloud");
    } else if ((mask & IN.DELETE) !== 0) {
      this.#window.removed(path);
    } else {
      this.#window.changed(path);
    }
    return undefined;
  }

  #rootIsGone(): void {
    this.#end = "removed";
    this.#window.removed(this.#shown === "" ? "/" : this.#shown);
  }

  /** What left its folder is nowhere below. */
  #left(): void {
    const leaving = this.#leaving;
    this.#leaving = undefined;
    if (leaving === undefined || isOwnName(leaving.name)) return;
    this.#window.removed(leaving.path);
    const child = leaving.folder.children.get(leaving.name);
    if (child !== undefined) this.#drop(child);
  }

  #moved(leaving: Leaving, folder: Folder, name: string, path: BytePath): void {
    this.#leaving = undefined;
    this.#window.renamed(leaving.path, path);
    const child = leaving.folder.children.get(leaving.name);
    if (child !== undefined) this.#place(child, folder, name);
  }

  /** What a folder has in it by the time that it is watched was heard of by nobody. */
  async #enter(parent: Folder, name: string, how: "aloud" | "quietly"): Promise<void> {
    const knownBefore = this.#folders.size;
    const folder = this.#add(parent, name);
    // One that was watched before has moved here since, which is told in its turn.
    if (folder !== undefined && this.#folders.size > knownBefore) await this.#scan(folder, how);
  }

  async #scan(top: Folder, how: "aloud" | "quietly"): Promise<void> {
    const waiting = [top];
    for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
      const listed = await listDirectory(this.#realPathOf(folder), LISTING);
      if (this.#isClosed()) return;
      if (listed.kind === "failed") continue;
      if (listed.listing.entries.length > MAX_FOLDER_ENTRIES) {
        throw new FileSystemFault(
          "other",
          `a folder with more than ${MAX_FOLDER_ENTRIES} entries; watch others, one by one`,
        );
      }
      for (const entry of listed.listing.entries) {
        if (isOwnName(entry.name)) continue;
        if (how === "aloud") this.#window.created(this.#pathOf(folder, entry.name));
        const child = entry.isDirectory() ? this.#add(folder, entry.name) : undefined;
        if (child !== undefined) waiting.push(child);
      }
    }
  }

  /** Undefined: there is nothing to watch. */
  #add(parent: Folder | undefined, name: string): Folder | undefined {
    const path = parent === undefined ? this.#real : `${this.#realPathOf(parent)}/${name}`;
    let watch: number;
    try {
      watch = this.#inotify.add(Buffer.from(path === "" ? "/" : path, "latin1"), MASK);
    } catch (thrown) {
      const code = errnoName(thrown);
      if (code === "ENOSPC") throw tooMany("watches", "max_user_watches", code);
      if (parent === undefined || code === undefined || !NOT_THERE.has(code)) throw thrown;
      return undefined;
    }
    const known = this.#folders.get(watch);
    if (known !== undefined) {
      if (parent !== undefined && known !== this.#root) this.#place(known, parent, name);
      return known;
    }
    if (this.#folders.size >= this.#request.maxFolders) {
      throw new FileSystemFault("other", `more than ${this.#request.maxFolders} folders; watch fewer, one by one`);
    }
    const folder: Folder = { watch, parent: undefined, name, children: new Map() };
    this.#folders.set(watch, folder);
    if (parent !== undefined) this.#place(folder, parent, name);
    return folder;
  }

  #place(folder: Folder, parent: Folder, name: string): void {
    // A path leads to where things are now, and moves that led there may not have been read yet: they will put it right.
    if (isWithin(parent, folder)) {
      this.#window.overflow();
      return;
    }
    if (folder.parent?.children.get(folder.name) === folder) folder.parent.children.delete(folder.name);
    const there = parent.children.get(name);
    if (there !== undefined && there !== folder) this.#drop(there);
    folder.parent = parent;
    folder.name = name;
    parent.children.set(name, folder);
  }

  /** Stop watching a folder and all below it. */
  #drop(top: Folder): void {
    const waiting = [top];
    for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
      waiting.push(...folder.children.values());
      this.#inotify.remove(folder.watch);
      this.#forget(folder);
    }
  }

  #forget(folder: Folder): void {
    this.#folders.delete(folder.watch);
    if (folder.parent?.children.get(folder.name) === folder) folder.parent.children.delete(folder.name);
  }

  #pathOf(folder: Folder, name: string): BytePath {
    return this.#onlyName === undefined ? `${this.#shown}${below(folder)}/${name}` : this.#shown;
  }

  #realPathOf(folder: Folder): BytePath {
    return `${this.#real}${below(folder)}`;
  }
}

const LISTING = { maxEntries: MAX_FOLDER_ENTRIES, resolveLinks: false };

/** Of what this or another executor is writing: what is told is what it becomes. */
function isOwnName(name: string): boolean {
  return isFreshName(Buffer.from(name, "latin1"));
}

/** The names from the watched folder down, each behind a slash. */
function below(folder: Folder): string {
  const names: string[] = [];
  for (let at: Folder | undefined = folder; at?.parent !== undefined; at = at.parent) names.push(at.name);
  return names.length === 0 ? "" : `/${names.reverse().join("/")}`;
}

function isWithin(folder: Folder, other: Folder): boolean {
  for (let at: Folder | undefined = folder; at !== undefined; at = at.parent) if (at === other) return true;
  return false;
}

function openQueue(): Inotify {
  try {
    return Inotify.open();
  } catch (thrown) {
    const code = errnoName(thrown);
    throw code === "EMFILE" ? tooMany("instances", "max_user_instances", code) : toFault(thrown);
  }
}

function tooMany(what: string, setting: string, code: string): FileSystemFault {
  const message = `the user of the executor has no inotify ${what} left; raise fs.inotify.${setting} there`;
  return new FileSystemFault("other", message, { code });
}

function rethrow(thrown: unknown): never {
  throw toFault(thrown);
}

function text(path: Buffer): BytePath {
  return path.toString("latin1");
}
