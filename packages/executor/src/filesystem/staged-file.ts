import { type BigIntStats, constants } from "node:fs";
import { tmpdir } from "node:os";
import { fileContent, writeAll, writeRange } from "./content.ts";
import { errnoOf, invalidInput, osFault, withFaults } from "./fault.ts";
import { checkBlockLength } from "./file-handle.ts";
import { checkWritable, checkWriteRange } from "./file-offset.ts";
import { type HeldPlace, holdPlace, type LinkOptions, linkInPlace } from "./held-place.ts";
import { checkedPath, joinPath } from "./native-path.ts";
import { NewFile } from "./new-file.ts";
import { OperationOrder } from "./operation-order.ts";
import type { OsCalls } from "./os-calls.ts";
import { type PinnedDirectory, pinDirectory } from "./pinned-parent.ts";
import { openRegularFile } from "./regular-file.ts";
import { overwriteInPlace } from "./write-in-place.ts";

/** How a file was put in place. */
export interface Placement {
  readonly isModeSet: boolean;
  /** Its name could not be given to a new file: the old one was overwritten. */
  readonly isInPlace: boolean;
}

/** The folder takes no new file, or gives up no name: a file that may be written can still be overwritten. */
const ONLY_IN_PLACE = new Set(["EACCES", "EPERM", "EROFS", "EBUSY", "EXDEV"]);
const MODE_BITS = 0o7777;
/** The set-id bits of a file that is replaced do not go over to the content of another user. */
const PERMISSIONS = 0o777;

interface Target {
  readonly stats: BigIntStats;
  /** Open for writing; undefined for a program that runs: it can be replaced all the same. */
  readonly fd: number | undefined;
}

/**
 * A file on its way: nothing of it is under its final name before {@link commit}, and nothing of it remains after
 * {@link discard}. Its place is held from the start. After either call it is of no more use.
 */
export class StagedFile {
  readonly #calls: OsCalls;
  readonly #place: HeldPlace;
  readonly #file: NewFile;
  /** Where the bytes wait when the folder takes no new file. */
  readonly #elsewhere: PinnedDirectory | undefined;
  #copiedMode: number | undefined;
  readonly #writes = new OperationOrder();

  private constructor(calls: OsCalls, place: HeldPlace, file: NewFile, elsewhere: PinnedDirectory | undefined) {
    this.#calls = calls;
    this.#place = place;
    this.#file = file;
    this.#elsewhere = elsewhere;
  }

  /** @throws FileSystemFault something else than a file has the name, it may not be written, or there is no folder for it. */
  static at(calls: OsCalls, path: Buffer, links: LinkOptions): Promise<StagedFile> {
    return withFaults(async () => StagedFile.in(calls, await holdPlace(calls, path, links)));
  }

  /** As {@link at}, in a place that it holds from now on. */
  static async in(calls: OsCalls, place: HeldPlace): Promise<StagedFile> {
    try {
      const target = await openTarget(calls, place);
      if (target?.fd !== undefined) await calls.close(target.fd);
      try {
        return new StagedFile(calls, place, await NewFile.create(calls, place.folder), undefined);
      } catch (thrown) {
        if (target === undefined || !ONLY_IN_PLACE.has(errnoOf(thrown) ?? "")) throw thrown;
        return await StagedFile.#elsewhereFor(calls, place);
      }
    } catch (thrown) {
      await place.folder.close();
      throw thrown;
    }
  }

  static async #elsewhereFor(calls: OsCalls, place: HeldPlace): Promise<StagedFile> {
    const elsewhere = await pinDirectory(calls, Buffer.from(tmpdir()), { noFollow: false });
    try {
      return new StagedFile(calls, place, await NewFile.create(calls, elsewhere), elsewhere);
    } catch (thrown) {
      await elsewhere.close();
      throw thrown;
    }
  }

  /** Blocks are written one after the other: side by side they would only wait for each other in the system's threads. */
  write(offset: number, chunk: Buffer): Promise<void> {
    return this.#writes.change(() => withFaults(() => this.#write(offset, chunk)));
  }

  async #write(offset: number, chunk: Buffer): Promise<void> {
    checkBlockLength("write", chunk.length);
    checkWriteRange(offset, chunk.length);
    checkWritable(offset, chunk.length);
    await writeAll(this.#calls, this.#file.fd, chunk, offset);
  }

  /** Let a callback write all of it, to its descriptor. */
  fill(write: (fd: number) => Promise<void>): Promise<void> {
    return withFaults(() => write(this.#file.fd));
  }

  /** Take over content and permission bits of a regular file, links followed. */
  copyFrom(source: Buffer, signal?: AbortSignal): Promise<void> {
    return withFaults(async () => {
      const { fd, stats } = await openRegularFile(this.#calls, checkedPath(source), { followSymlinks: true });
      try {
        const content = fileContent(this.#calls, fd, signal);
        await writeRange(this.#calls, this.#file.fd, content, 0, Number.POSITIVE_INFINITY);
        this.#copiedMode = Number(stats.mode) & PERMISSIONS;
      } finally {
        await this.#calls.close(fd);
      }
    });
  }

  /**
   * Put it in place, whole and at once. Where a mount point or a closed folder keeps the name from a new file, the old file
   * is overwritten, guarded against a full disk but not at once; one with several names is refused then, because the others
   * may lie anywhere.
   *
   * @param mode - Permission bits; undefined: those of what was copied, else of the file it replaces, else of new files.
   * @param options.noReplace - `File exists` where something has the name.
   */
  commit(mode: number | undefined, options: { readonly noReplace?: boolean } = {}): Promise<Placement> {
    return withFaults(async () => {
      try {
        return options.noReplace === true
          ? await this.#commitNew(mode ?? this.#copiedMode)
          : await this.#commit(mode ?? this.#copiedMode);
      } finally {
        await this.#release();
      }
    });
  }

  async discard(): Promise<void> {
    await this.#release().catch(() => {});
  }

  async #commit(mode: number | undefined): Promise<Placement> {
    const target = await openTarget(this.#calls, this.#place);
    try {
      if (this.#elsewhere !== undefined) return await this.#overwrite(target, mode, osFault("EACCES"));
      const isModeSet = await this.#dress(target?.stats, mode);
      try {
        await this.#file.placeAs(this.#place.name);
        return { isModeSet, isInPlace: false };
      } catch (thrown) {
        if (target === undefined || !ONLY_IN_PLACE.has(errnoOf(thrown) ?? "")) throw thrown;
        return await this.#overwrite(target, mode, thrown);
      }
    } finally {
      if (target?.fd !== undefined) await this.#calls.close(target.fd);
    }
  }

  /** There may be no other file: neither one to take after, nor one to overwrite. */
  async #commitNew(mode: number | undefined): Promise<Placement> {
    if (this.#elsewhere !== undefined) throw osFault("EEXIST");
    const isModeSet = await this.#dress(undefined, mode);
    await this.#file.placeAs(this.#place.name, { noReplace: true });
    return { isModeSet, isInPlace: false };
  }

  /** Owner and mode, by the descriptor. @returns whether it has the mode that was asked for. */
  async #dress(replaced: BigIntStats | undefined, mode: number | undefined): Promise<boolean> {
    const { fd, naturalMode } = this.#file;
    const { uid, gid } = await this.#file.stats();
    if (replaced !== undefined && (replaced.uid !== uid || replaced.gid !== gid)) {
      // Only root may, and a member of the group: for others the new file is theirs.
      await this.#calls.fchown(fd, Number(replaced.uid), Number(replaced.gid)).catch(() => {});
    }
    const inherited = replaced === undefined ? naturalMode : Number(replaced.mode) & PERMISSIONS;
    const isSet = await this.#calls.fchmod(fd, mode === undefined ? inherited : mode & MODE_BITS).then(
      () => true,
      () => false,
    );
    return isSet || mode === undefined;
  }

  async #overwrite(target: Target | undefined, mode: number | undefined, refusal: unknown): Promise<Placement> {
    if (target?.fd === undefined) throw refusal;
    if (target.stats.nlink > 1n) {
      throw invalidInput("the file can not be replaced, and it has other names, so it is not overwritten either");
    }
    const { fd, stats } = target;
    const content = fileContent(this.#calls, this.#file.fd);
    const path = joinPath(this.#place.folder.path, this.#place.name);
    await overwriteInPlace(this.#calls, path, { fd, stats }, content);
    if (mode === undefined) return { isModeSet: true, isInPlace: true };
    const isModeSet = await this.#calls.fchmod(fd, mode & MODE_BITS).then(
      () => true,
      () => false,
    );
    return { isModeSet, isInPlace: true };
  }

  async #release(): Promise<void> {
    await this.#file.close();
    await this.#elsewhere?.close();
    await this.#place.folder.close();
  }
}

/**
 * What has the name now. A link there is not followed: the name was settled when the place was. It is replaced, unless the
 * place takes none.
 *
 * @throws FileSystemFault it is no file, may not be written, or is a link where none may be.
 */
async function openTarget(calls: OsCalls, { folder, name, isLinkRefused }: HeldPlace): Promise<Target | undefined> {
  const path = joinPath(folder.path, name);
  let found: BigIntStats;
  try {
    found = await calls.lstat(path);
  } catch (thrown) {
    if (errnoOf(thrown) === "ENOENT") return undefined;
    throw thrown;
  }
  if (found.isDirectory()) throw osFault("EISDIR");
  if (found.isSymbolicLink()) {
    if (isLinkRefused) throw await linkInPlace(calls, path);
    return undefined;
  }
  if (!found.isFile()) throw invalidInput("it is neither a file nor a folder");
  try {
    const fd = await calls.open(
      path,
      constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY | constants.O_NOFOLLOW,
    );
    const stats = await calls.fstat(fd);
    if (stats.isFile()) return { fd, stats };
    await calls.close(fd);
    throw invalidInput("it is neither a file nor a folder");
  } catch (thrown) {
    const code = errnoOf(thrown);
    if (code === "ELOOP" && isLinkRefused) throw await linkInPlace(calls, path);
    if (code === "ENOENT" || code === "ELOOP") return undefined;
    if (code === "ETXTBSY") return { stats: found, fd: undefined };
    throw thrown;
  }
}
