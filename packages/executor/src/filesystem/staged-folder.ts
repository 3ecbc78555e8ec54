import { type BigIntStats, constants } from "node:fs";
import { writeAll } from "./content.ts";
import { type ClosedFolder, copyIntoFolder } from "./copy-into-folder.ts";
import { errnoOf, FileSystemFault, invalidInput, osFault, toFault, unlessNoModes, withFaults } from "./fault.ts";
import { type HeldPlace, holdPlace, type LinkOptions, linkInPlace } from "./held-place.ts";
import { mergeFolder } from "./merge-folder.ts";
import { checkedPath, isDotDot, isWithin, joinPath, pathNames } from "./native-path.ts";
import { isSameFile, type OsCalls } from "./os-calls.ts";
import { descendBelow, type PinnedDirectory, pinDirectory, pinnedPath } from "./pinned-parent.ts";
import { removeTree } from "./remove-tree.ts";
import { StagedFile } from "./staged-file.ts";
import { fileIdOf, type StagedPlace, type StageKeeper } from "./staged-place.ts";
import { type StagingProblem, StagingProblems } from "./staging-problems.ts";
import { freshName } from "./write-aside.ts";

/** A folder to be made, or a link that says `target`. */
export interface StagedEntry {
  /** Below the path that the folder was staged for. */
  readonly path: Buffer;
  readonly target: Buffer | undefined;
}

/** Permission bits of a folder in the staged one. */
export interface FolderMode {
  readonly path: Buffer;
  readonly mode: number;
}

/** How a folder was put in place. */
export interface FolderPlacement {
  readonly isModeSet: boolean;
  readonly problems: readonly StagingProblem[];
}

/** Work on a whole staged folder that goes on elsewhere. Paths name held folders for any call. */
export interface StagedFolderHelp {
  /** Move everything in `from` into `into`. */
  merge(from: Buffer, into: { readonly path: Buffer; readonly shown: Buffer }): Promise<readonly StagingProblem[]>;
  /** Called when everything is in place. @returns whether permission bits and times are set. */
  settle(root: Buffer): Promise<boolean>;
}

const PERMISSIONS = 0o777;
const PRIVATE_MODE = 0o700;

/**
 * A folder on its way. It has an unpredictable name, but users who may write beside it can do to that name what they
 * like: so it is held, everything in it is reached from there, folder by folder and through no link, and permission bits are
 * set on what was made here, by descriptor.
 */
export class StagedFolder {
  readonly #calls: OsCalls;
  readonly #place: HeldPlace;
  /** As the client spells it. */
  readonly #path: Buffer;
  /** The folder that is merged into; undefined where there is none. */
  readonly #existing: PinnedDirectory | undefined;
  readonly #root: PinnedDirectory;
  readonly #rootStats: BigIntStats;
  readonly #stagedName: Buffer;
  readonly #keeper: StageKeeper | undefined;
  /** Something is in it that came before it was staged here. */
  readonly isResumed: boolean;
  readonly #naturalMode: number;
  #copiedMode: number | undefined;
  /** Permission bits of a file in it could not be set. */
  #isModeRefused = false;
  #copiedClosed: readonly ClosedFolder[] = [];
  #isInPlace = false;

  private constructor(parts: {
    readonly calls: OsCalls;
    readonly place: HeldPlace;
    readonly path: Buffer;
    readonly existing: PinnedDirectory | undefined;
    readonly root: PinnedDirectory;
    readonly rootStats: BigIntStats;
    readonly stagedName: Buffer;
    readonly keeper: StageKeeper | undefined;
    readonly isResumed: boolean;
  }) {
    this.#calls = parts.calls;
    this.#place = parts.place;
    this.#path = parts.path;
    this.#existing = parts.existing;
    this.#root = parts.root;
    this.#rootStats = parts.rootStats;
    this.#stagedName = parts.stagedName;
    this.#keeper = parts.keeper;
    this.isResumed = parts.isResumed;
    this.#naturalMode = Number(parts.rootStats.mode) & PERMISSIONS;
  }

  /**
   * @param keeper - Looks after it, and knows of one that was left for this place.
   * @throws FileSystemFault something else than a folder has the name, or no folder can be made there.
   */
  static at(calls: OsCalls, path: Buffer, links: LinkOptions, keeper?: StageKeeper): Promise<StagedFolder> {
    return withFaults(async () => {
      const checked = checkedPath(path);
      const place = await holdPlace(calls, checked, links);
      let existing: PinnedDirectory | undefined;
      try {
        existing = await existingFolder(calls, place);
        // In the folder that is there, if there is one: it may be another file system, or the only place that may be written.
        const host = existing ?? place.folder;
        const made = (await resumeStaged(calls, host, place.name, keeper)) ?? (await makeStaged(calls, host));
        const folder = new StagedFolder({ calls, place, path: checked, existing, keeper, ...made });
        await folder.#note(host).catch(() => {});
        return folder;
      } catch (thrown) {
        await keeper?.forget();
        await existing?.close();
        await place.folder.close();
        throw thrown;
      }
    });
  }

  /** Make folders and links, in their order. What is there from an attempt before is fine. */
  async add(entries: readonly StagedEntry[]): Promise<StagingProblem[]> {
    const problems: StagingProblem[] = [];
    for (const { path, target } of entries) {
      try {
        await this.#inParent(path, (entry) =>
          target === undefined ? this.#makeFolder(entry) : this.#makeLink(entry, target),
        );
      } catch (thrown) {
        problems.push({ path, message: toFault(thrown).message });
      }
    }
    return problems;
  }

  /** Make a whole file. One of that name from an attempt before is replaced. */
  put(path: Buffer, mode: number | undefined, data: Buffer): Promise<void> {
    return withFaults(() => this.#inParent(path, (entry) => this.#makeFile(entry, mode, data)));
  }

  /** A file on its way into this folder. It must be in place before this folder is. */
  fileAt(path: Buffer): Promise<StagedFile> {
    return withFaults(async () => {
      const { parents, name } = this.#namesOf(path);
      const folder = await descendBelow(this.#calls, this.#root, parents);
      return StagedFile.in(this.#calls, { folder, name, isLinkRefused: false });
    });
  }

  /**
   * Copy everything in a folder of this machine, permission bits included. Pipes, sockets and devices are left out.
   *
   * @returns what could not be read or made; the rest was.
   */
  copyFrom(source: Buffer, signal?: AbortSignal): Promise<StagingProblem[]> {
    return withFaults(async () => {
      const from = await pinDirectory(this.#calls, checkedPath(source), { noFollow: false });
      try {
        const { mode } = await this.#calls.stat(from.path);
        const problems = new StagingProblems(this.#path);
        const copied = await copyIntoFolder(this.#calls, from, this.#root, {
          signal,
          report: (path, message) => problems.report(path, message),
        });
        this.#copiedClosed = copied.closed;
        this.#isModeRefused ||= !copied.isModeSet;
        this.#copiedMode = Number(mode) & PERMISSIONS;
        return problems.all();
      } finally {
        await from.close();
      }
    });
  }

  /**
   * Put it in place: by one rename where nothing is there, else file by file.
   *
   * @param options.mode - Of the folder itself where it is new; undefined: of what was copied, else of new folders.
   * @param options.folderModes - Of folders in it, set last and in this order: one that may not be written takes no files.
   */
  commit(options: {
    readonly mode: number | undefined;
    readonly folderModes: readonly FolderMode[];
    /** Undefined: all of it is done here. */
    readonly help?: StagedFolderHelp | undefined;
  }): Promise<FolderPlacement> {
    return withFaults(async () => {
      try {
        return await this.#commit(options);
      } finally {
        await this.#release();
      }
    });
  }

  /** By what any call reaches it as long as it is staged, and the path that it is staged for. */
  get shared(): { readonly path: Buffer; readonly shown: Buffer } {
    return { path: this.#root.path, shown: this.#path };
  }

  async discard(): Promise<void> {
    await this.#release();
  }

  /** Let go of it, and leave it to whoever goes on with it; where it can't be kept nothing of it remains. */
  async leave(): Promise<void> {
    const isKept = await this.#keeper?.leave().catch(() => false);
    if (isKept === true) await this.#letGo();
    else await this.#release();
  }

  async #note(host: PinnedDirectory): Promise<void> {
    if (this.#keeper === undefined) return;
    const place: StagedPlace = {
      host: await pinnedPath(this.#calls, host),
      hostId: fileIdOf(await this.#calls.stat(host.path)),
      name: this.#stagedName,
      id: fileIdOf(this.#rootStats),
    };
    await this.#keeper.note(place, this.#place.name);
  }

  async #commit({ mode, folderModes, help }: Parameters<StagedFolder["commit"]>[0]): Promise<FolderPlacement> {
    let problems: readonly StagingProblem[] = [];
    let isModeSet = !this.#isModeRefused;
    if (this.#existing === undefined) {
      const wanted = mode ?? this.#copiedMode ?? this.#naturalMode;
      isModeSet = ((await this.#chmod(this.#root, wanted)) || mode === undefined) && isModeSet;
      await this.#rename();
    } else {
      problems = await this.#merge(this.#existing, help);
    }
    if (help !== undefined) isModeSet = (await help.settle((this.#existing ?? this.#root).path)) && isModeSet;
    const closed = this.#copiedClosed.map(({ names, mode }) => ({ path: names.reduce(joinPath, this.#path), mode }));
    for (const each of [...closed, ...folderModes]) {
      isModeSet = (await this.#setFolderMode(each.path, each.mode)) && isModeSet;
    }
    return { isModeSet, problems };
  }

  async #merge(into: PinnedDirectory, help: StagedFolderHelp | undefined): Promise<readonly StagingProblem[]> {
    if (help !== undefined) return help.merge(this.#root.path, { path: into.path, shown: this.#path });
    const problems = new StagingProblems(this.#path);
    await mergeFolder(this.#calls, this.#root, into, (path, message) => problems.report(path, message));
    return problems.all();
  }

  async #rename(): Promise<void> {
    const { folder, name } = this.#place;
    const target = joinPath(folder.path, name);
    await this.#calls.rename(joinPath(folder.path, this.#stagedName), target);
    if (!isSameFile(await this.#calls.lstat(target), this.#rootStats)) throw swapped();
    this.#isInPlace = true;
  }

  async #setFolderMode(path: Buffer, mode: number): Promise<boolean> {
    try {
      const { parents, name } = this.#namesOf(path);
      const held = await descendBelow(this.#calls, this.#existing ?? this.#root, [...parents, name]);
      try {
        return await this.#chmod(held, mode);
      } finally {
        await held.close();
      }
    } catch {
      return false;
    }
  }

  /** By descriptor: the way through `/proc` leads to what is held, even if its name leads elsewhere by now. */
  #chmod(held: PinnedDirectory, mode: number): Promise<boolean> {
    return this.#calls.chmod(held.path, mode & PERMISSIONS).then(
      () => true,
      () => false,
    );
  }

  async #inParent(path: Buffer, operation: (entry: Buffer) => Promise<void>): Promise<void> {
    const { parents, name } = this.#namesOf(path);
    const held = await descendBelow(this.#calls, this.#root, parents);
    try {
      await operation(joinPath(held.path, name));
    } finally {
      await held.close();
    }
  }

  async #makeFolder(entry: Buffer): Promise<void> {
    await this.#calls.mkdir(entry).catch(async (thrown: unknown) => {
      if (errnoOf(thrown) !== "EEXIST" || !(await this.#calls.lstat(entry)).isDirectory()) throw thrown;
    });
  }

  async #makeLink(entry: Buffer, target: Buffer): Promise<void> {
    if (target.length === 0 || target.includes(0)) throw invalidInput("a link must say something, without a NUL byte");
    await this.#calls.symlink(target, entry).catch(async (thrown: unknown) => {
      if (errnoOf(thrown) !== "EEXIST") throw thrown;
      const said = await this.#calls.readlink(entry).catch(() => undefined);
      if (said === undefined || !said.equals(target)) throw thrown;
    });
  }

  async #makeFile(entry: Buffer, mode: number | undefined, data: Buffer): Promise<void> {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const fd = await this.#calls.open(entry, flags).catch(async (thrown: unknown) => {
      if (errnoOf(thrown) !== "EEXIST") throw thrown;
      await this.#calls.unlink(entry);
      return this.#calls.open(entry, flags);
    });
    try {
      await writeAll(this.#calls, fd, data, 0);
      if (mode !== undefined) {
        await this.#calls.fchmod(fd, mode & PERMISSIONS).catch((thrown: unknown) => {
          unlessNoModes(thrown);
          this.#isModeRefused = true;
        });
      }
    } finally {
      await this.#calls.close(fd);
    }
  }

  #namesOf(path: Buffer): { readonly parents: readonly Buffer[]; readonly name: Buffer } {
    const checked = checkedPath(path);
    const names = isWithin(checked, this.#path) ? pathNames(checked.subarray(this.#path.length)) : [];
    const name = names.at(-1);
    if (name === undefined || names.some(isDotDot)) throw invalidInput("the path does not lie in the staged folder");
    return { parents: names.slice(0, -1), name };
  }

  /** What is left of it goes, unless something else was put under its name. */
  async #release(): Promise<void> {
    if (!this.#isInPlace) await this.#remove().catch(() => {});
    await this.#keeper?.forget().catch(() => {});
    await this.#letGo();
  }

  async #letGo(): Promise<void> {
    await this.#root.close();
    await this.#existing?.close();
    await this.#place.folder.close();
  }

  async #remove(): Promise<void> {
    const host = this.#existing ?? this.#place.folder;
    const allowed = async (stats: BigIntStats) => {
      if (!isSameFile(stats, this.#rootStats)) throw swapped();
    };
    await this.#chmod(this.#root, PRIVATE_MODE);
    await removeTree(this.#calls, joinPath(host.path, this.#stagedName), { signal: undefined, allowed });
  }
}

function swapped() {
  return new FileSystemFault("other", "the folder was taken away or replaced while it was being filled");
}

async function existingFolder(calls: OsCalls, { folder, name }: HeldPlace): Promise<PinnedDirectory | undefined> {
  const path = joinPath(folder.path, name);
  try {
    const stats = await calls.lstat(path);
    // Also where links were followed: one that leads to nothing is left.
    if (stats.isSymbolicLink()) throw await linkInPlace(calls, path);
    if (!stats.isDirectory()) throw osFault("ENOTDIR");
  } catch (thrown) {
    if (errnoOf(thrown) === "ENOENT") return undefined;
    throw thrown;
  }
  return pinDirectory(calls, path, { noFollow: true });
}

/** What was left for this place. What is not as it was recorded is left alone. */
async function resumeStaged(calls: OsCalls, host: PinnedDirectory, finalName: Buffer, keeper: StageKeeper | undefined) {
  const found = await keeper?.find(fileIdOf(await calls.stat(host.path)), finalName);
  if (found === undefined) return undefined;
  let root: PinnedDirectory | undefined;
  try {
    root = await pinDirectory(calls, joinPath(host.path, found.name), { noFollow: true });
    const rootStats = await calls.stat(root.path);
    if (fileIdOf(rootStats) !== found.id) throw swapped();
    return { root, rootStats, stagedName: found.name, isResumed: true };
  } catch {
    await root?.close();
    return undefined;
  }
}

async function makeStaged(calls: OsCalls, host: PinnedDirectory) {
  const stagedName = freshName();
  const path = joinPath(host.path, stagedName);
  await calls.mkdir(path);
  let root: PinnedDirectory | undefined;
  try {
    root = await pinDirectory(calls, path, { noFollow: true });
    const rootStats = await calls.stat(root.path);
    // Another folder could have been put under the name before this. One with something in it is not this one.
    if ((await calls.readdir(root.path)).length > 0) throw swapped();
    await calls.chmod(root.path, PRIVATE_MODE).catch(unlessNoModes);
    return { root, rootStats, stagedName, isResumed: false };
  } catch (thrown) {
    await root?.close();
    await calls.rmdir(path).catch(() => {});
    throw thrown;
  }
}
