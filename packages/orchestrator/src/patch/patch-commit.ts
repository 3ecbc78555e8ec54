import { type FileCallOptions, isFileError, isLinkError, isUnsupported } from "@holdfast/exec-client";
import { displayPath, type PathUri, parent, startsWith } from "@holdfast/path-uri";
import { forEachAtOnce } from "../for-each-at-once.ts";
import { CALLS_AT_ONCE, COMMIT_TIMEOUT_MS, LOOK_TIMEOUT_MS } from "./limits.ts";
import { callOptions, changesEntries, isNothingThere, type PatchPlace, reasonOf } from "./patch-call.ts";
import { PatchError, type PatchRemains } from "./patch-error.ts";
import { isSame, type PatchPlan, type PlannedRemoval, type PlannedWrite } from "./plan-patch.ts";
import { again, settled } from "./settled.ts";
import { TemporaryFiles } from "./temporary-files.ts";
import { UndoList } from "./undo-list.ts";

/** Refusals of a folder to take one more file, which say nothing about a file that is in it. */
const CLOSED_FOLDER = new Set(["EACCES", "EPERM", "EROFS", "refused"]);

const FULL_DISK = new Set(["ENOSPC", "EDQUOT"]);

/** What new files have, as a rule. */
const USUAL_MODE = 0o644;

type CallOptions = Pick<FileCallOptions, "sandbox" | "timeoutMs" | "signal">;

/**
 * Puts a plan in place: all of it or nothing.
 *
 * First everything is written beside its place, so that a full disk or a closed folder shows before anything is changed. Then all
 * files are looked at once more. Only then they are written, and what goes is renamed; whatever fails, what was done is undone. A lost connection is
 * settled by looking.
 */
export class PatchCommit {
  readonly #place: PatchPlace;
  readonly #plan: PatchPlan;
  readonly #signal: AbortSignal | undefined;
  readonly #canRename: boolean;
  readonly #undo = new UndoList();
  readonly #temporary: TemporaryFiles;
  readonly #staged = new Map<PlannedWrite, PathUri>();
  /** Names that something was written to before its place, or may have been. */
  readonly #stages: PathUri[] = [];

  constructor(place: PatchPlace, plan: PatchPlan, signal: AbortSignal | undefined) {
    this.#place = place;
    this.#plan = plan;
    this.#signal = signal;
    this.#canRename = changesEntries(place);
    this.#temporary = new TemporaryFiles(place);
  }

  /**
   * The signal counts until the first file is written.
   *
   * @returns temporary files that could not be removed.
   * @throws PatchError - It is not in place. @throws LinkError - The same, and nothing was begun.
   */
  async run(): Promise<readonly PatchRemains[]> {
    const { writes, removals } = this.#plan;
    // What makes room for something of the same name, or for a folder.
    const isFirst = ({ path }: PlannedRemoval): boolean => writes.some((write) => startsWith(write.path, path));
    const first = removals.filter(isFirst);
    const last = removals.filter((removal) => !isFirst(removal));
    try {
      const changed = writes.filter(({ before }) => before !== undefined);
      if (first.length > 0) await this.#verify(changed, removals);
      await this.#forEach(first, (removal) => this.#remove(removal));
      await this.#forEach(writes, (write) => this.#makeFolder(write));
      if (writes.length + removals.length > 1) await this.#forEach(writes, (write) => this.#stage(write));
      await this.#verify(writes, last);
      this.#signal?.throwIfAborted();
      await this.#forEach(writes, (write) => this.#write(write));
      if (!this.#canRename) await this.#verifyWritten(changed);
      await this.#forEach(last, (removal) => this.#remove(removal));
    } catch (error) {
      throw await this.#undone(error);
    }
    return await this.#temporary.removeAll();
  }

  #forEach<Item>(items: readonly Item[], act: (item: Item) => Promise<void>): Promise<void> {
    return forEachAtOnce(items, CALLS_AT_ONCE, act);
  }

  async #verify(writes: readonly PlannedWrite[], removals: readonly PlannedRemoval[]): Promise<void> {
    await this.#forEach(writes, async ({ path, before }) => {
      const now =
        before === undefined ? await this.#isThere(path, this.#looking()) : await this.#content(path, this.#looking());
      const isAsBefore = before === undefined ? now === false : now instanceof Uint8Array && isSame(now, before);
      if (!isAsBefore) throw changedMeanwhile(path);
    });
    await this.#forEach(removals, async ({ path, before, found, isLink }) => {
      const now = await this.#place.fs.metadata(path, this.#looking()).catch(nothing);
      if (now?.isSymlink !== isLink) throw changedMeanwhile(path);
      if (isLink) return;
      if (now.size !== found.size || now.modifiedAtMs !== found.modifiedAtMs) throw changedMeanwhile(path);
      if (before === undefined) return;
      const content = await this.#content(path, this.#looking());
      if (content === undefined || !isSame(content, before)) throw changedMeanwhile(path);
    });
  }

  /** Names of one file are known to be that only where looking is cheap. Elsewhere the last of them would have won. */
  async #verifyWritten(writes: readonly PlannedWrite[]): Promise<void> {
    if (writes.length < 2) return;
    await this.#forEach(writes, async ({ path, bytes }) => {
      const now = await this.#content(path, this.#committing());
      if (now === undefined || !isSame(now, bytes))
        throw changedMeanwhile(path, ", or is another name of a file in it");
    });
  }

  /** Through a new folder of the plan's own nothing else comes, so only the last name counts. */
  async #isThere(path: PathUri, options: CallOptions): Promise<boolean> {
    return (await this.#place.fs.metadata(path, options).catch(nothing)) !== undefined;
  }

  async #makeFolder({ path, before }: PlannedWrite): Promise<void> {
    const folder = parent(path);
    if (before !== undefined || folder === undefined) return;
    const missing = await this.#missing(folder);
    if (missing.length === 0) return;
    this.#undo.add(folder, async () => {
      for (const each of missing) await again(() => this.#place.fs.remove(each, this.#committing())).catch(unlessLost);
      return undefined;
    });
    await again(() => this.#place.fs.createDirectory(folder, { ...this.#committing(), recursive: true })).catch(
      (error: unknown) => this.#failed(`Failed to write file ${displayPath(path)}`, path, error),
    );
  }

  /** A folder and those above it that are not there, deepest first. */
  async #missing(folder: PathUri): Promise<PathUri[]> {
    const missing: PathUri[] = [];
    for (let each: PathUri | undefined = folder; each !== undefined; each = parent(each)) {
      if (await this.#isThere(each, this.#looking())) break;
      missing.push(each);
    }
    return missing;
  }

  async #stage(write: PlannedWrite): Promise<void> {
    const stage = this.#temporary.beside(write.path);
    this.#stages.push(stage);
    try {
      const options = { ...this.#committing(), ...this.#modeOf(write) };
      await again(() => this.#place.fs.writeFile(stage, write.bytes, options));
      this.#staged.set(write, stage);
    } catch (error) {
      const isOnlyClosed = write.before !== undefined && isFileError(error) && CLOSED_FOLDER.has(error.code);
      if (!isOnlyClosed) this.#failed(`Failed to write file ${displayPath(write.path)}`, write.path, error);
    }
  }

  async #write(write: PlannedWrite): Promise<void> {
    const { path, bytes, before } = write;
    const leave = this.#undo.add(path, () =>
      before === undefined ? this.#takeAway(path) : this.#putBack(path, before),
    );
    const isDone = async () => {
      const now = await this.#content(path, this.#committing());
      return now !== undefined && isSame(now, bytes) ? "done" : "not-done";
    };
    try {
      await settled(() => this.#put(write), isDone);
    } catch (error) {
      if (before === undefined && isFileError(error) && error.code === "EEXIST") {
        // It is not ours.
        leave();
        throw changedMeanwhile(path);
      }
      this.#failed(`Failed to write file ${displayPath(path)}`, path, error);
    }
  }

  async #put(write: PlannedWrite): Promise<void> {
    const { path, bytes, before } = write;
    const { fs } = this.#place;
    const staged = this.#staged.get(write);
    const options = this.#committing();
    if (before === undefined && staged !== undefined && this.#canRename) {
      await fs.rename(staged, path, { ...options, noReplace: true });
      this.#temporary.forget(staged);
      return;
    }
    const how = before !== undefined ? {} : ({ ...this.#modeOf(write), flag: this.#canRename ? "wx" : "w" } as const);
    await fs.writeFile(path, bytes, { ...options, ...how }).catch(async (error: unknown) => {
      if (staged === undefined || !isFileError(error) || !FULL_DISK.has(error.code)) throw error;
      // What is staged made sure that there is room, and makes it now.
      await this.#temporary.remove(staged);
      await fs.writeFile(path, bytes, { ...options, ...how });
    });
    if (before !== undefined) return;
    const isUsual = write.mode === undefined || (write.mode & 0o777) === USUAL_MODE;
    // By a command, which takes far longer than the file did.
    if (!this.#canRename && write.mode !== undefined && !isUsual) await this.#setMode(path, write.mode);
  }

  #modeOf({ before, mode }: PlannedWrite): { readonly mode?: number } {
    return this.#canRename && before === undefined && mode !== undefined ? { mode: mode & 0o777 } : {};
  }

  /** Where commands can; a file in its place is worth more than its mode. */
  async #setMode(path: PathUri, mode: number): Promise<void> {
    await this.#place.fs.chmod(path, mode & 0o777, this.#committing()).catch((error: unknown) => {
      if (!isFileError(error) && !isUnsupported(error)) throw error;
    });
  }

  async #remove(removal: PlannedRemoval): Promise<void> {
    const { path } = removal;
    const isAlone = this.#plan.writes.length + this.#plan.removals.length === 1;
    try {
      if (isAlone || !this.#canRename) await this.#removeForGood(removal, isAlone);
      else await this.#setAside(path);
    } catch (error) {
      this.#failed(`Failed to delete file ${displayPath(path)}`, path, error);
    }
  }

  async #setAside(path: PathUri): Promise<void> {
    const { fs } = this.#place;
    const aside = this.#temporary.beside(path);
    this.#undo.add(path, async () => {
      if (!(await this.#isNamed(aside))) return undefined;
      try {
        await settled(
          () => fs.rename(aside, path, { ...this.#committing(), noReplace: true }),
          async () => ((await this.#isNamed(aside)) ? "not-done" : "done"),
        );
      } catch (error) {
        if (!isFileError(error) || error.code !== "EEXIST") throw error;
        const reason = `something else is there by now; what was there is ${displayPath(aside)}`;
        return { path: displayPath(path), state: "foreign", reason };
      }
      return undefined;
    });
    await settled(
      () => fs.rename(path, aside, { ...this.#committing(), noReplace: true }),
      async () => ((await this.#isNamed(aside)) ? "done" : "not-done"),
    );
  }

  async #isNamed(path: PathUri): Promise<boolean> {
    return (await this.#place.fs.lstat(path, this.#committing()).catch(nothing)) !== undefined;
  }

  /** Without renaming, what is gone is made anew: with its content and mode, or as a link. */
  async #removeForGood({ path, before, isLink }: PlannedRemoval, isAlone: boolean): Promise<void> {
    const { fs } = this.#place;
    const options = this.#committing();
    const known = isAlone ? undefined : await this.#known(path, isLink);
    if (!isAlone) {
      this.#undo.add(path, async () => {
        if (await this.#isThere(path, options)) return undefined;
        if (known?.link !== undefined) await fs.symlink(known.link, path, options);
        else if (before !== undefined) await again(() => fs.writeFile(path, before, options));
        else return { path: displayPath(path), state: "patched", reason: "this executor can not make it anew" };
        if (known?.mode !== undefined) await this.#setMode(path, known.mode);
        return undefined;
      });
    }
    await settled(
      () => fs.remove(path, options),
      async () => ((await this.#isThere(path, options)) ? "not-done" : "done"),
    );
  }

  async #known(
    path: PathUri,
    isLink: boolean,
  ): Promise<{ readonly mode?: number; readonly link?: Uint8Array } | undefined> {
    const { fs } = this.#place;
    try {
      if (isLink) return { link: await fs.readlink(path, { ...this.#committing(), encoding: "bytes" }) };
      return { mode: (await fs.stat(path, this.#committing())).mode };
    } catch (error) {
      if (isFileError(error) || isUnsupported(error)) return undefined;
      throw error;
    }
  }

  async #takeAway(path: PathUri): Promise<PatchRemains | undefined> {
    const now = await this.#content(path, this.#committing());
    if (now === undefined) return undefined;
    if (!this.#isOurs(now)) return foreign(path);
    await again(() => this.#place.fs.remove(path, { ...this.#committing(), force: true }));
    return undefined;
  }

  async #putBack(path: PathUri, before: Uint8Array): Promise<PatchRemains | undefined> {
    const now = await this.#content(path, this.#committing());
    if (now !== undefined && isSame(now, before)) return undefined;
    if (now === undefined || !this.#isOurs(now)) return foreign(path);
    await again(() => this.#place.fs.writeFile(path, before, this.#committing()));
    return undefined;
  }

  /** Whether a content is from this patch, by whatever name. Executors of others may leave a part of one on a full disk. */
  #isOurs(now: Uint8Array): boolean {
    return this.#plan.writes.some(({ bytes }) => (this.#canRename ? isSame(now, bytes) : isBeginning(now, bytes)));
  }

  /** @returns the error to throw. */
  async #undone(error: unknown): Promise<unknown> {
    // Room first: what is put back may need it.
    const remains = [...(await this.#temporary.removeAll(this.#stages)), ...(await this.#undo.run())];
    if (remains.length === 0 && !(error instanceof PatchError)) return error;
    const code = error instanceof PatchError ? error.code : "interrupted";
    const path = error instanceof PatchError ? error.path : undefined;
    const message = error instanceof PatchError ? error.message : reasonOf(error);
    const cause = error instanceof PatchError ? (error.cause ?? error) : error;
    return new PatchError(code, `${message}; ${toldRemains(remains)}`, { path, remains, cause });
  }

  async #content(path: PathUri, options: CallOptions): Promise<Uint8Array | undefined> {
    return await this.#place.fs.readFile(path, options).catch(nothing);
  }

  #failed(what: string, path: PathUri, error: unknown): never {
    if (!isFileError(error) && !isUnsupported(error)) throw error;
    throw new PatchError("file", `${what}: ${reasonOf(error)}`, { path: displayPath(path), cause: error });
  }

  #looking(): CallOptions {
    return callOptions(this.#place, LOOK_TIMEOUT_MS, this.#signal);
  }

  #committing(): CallOptions {
    return callOptions(this.#place, COMMIT_TIMEOUT_MS);
  }
}

/** A refusal is as good as anything else, as what refuses is not ours; but what nobody could ask is not known. */
function unlessLost(error: unknown): void {
  if (isLinkError(error)) throw error;
}

function changedMeanwhile(path: PathUri, or = ""): PatchError {
  const shown = displayPath(path);
  const message = `${shown} was changed by somebody else while the patch was being applied${or}`;
  return new PatchError("changed", message, { path: shown });
}

function foreign(path: PathUri): PatchRemains {
  return { path: displayPath(path), state: "foreign", reason: "somebody else wrote to it meanwhile" };
}

function toldRemains(remains: readonly PatchRemains[]): string {
  if (remains.length === 0) return "nothing was changed";
  return `not as before: ${remains.map(({ path, reason }) => `${path} (${reason})`).join(", ")}`;
}

function isBeginning(start: Uint8Array, whole: Uint8Array): boolean {
  return isSame(start, whole.subarray(0, start.byteLength));
}

function nothing(error: unknown): undefined {
  if (isNothingThere(error)) return undefined;
  throw error;
}
