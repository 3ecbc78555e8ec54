import { type BigIntStats, constants } from "node:fs";
import { canLinkDescriptors, linkDescriptor } from "../platform/link-descriptor.ts";
import { fileContent, writeRange } from "./content.ts";
import { errnoOf, osFault, unlessNoModes } from "./fault.ts";
import { joinPath } from "./native-path.ts";
import { isSameFile, type OsCalls } from "./os-calls.ts";
import type { PinnedDirectory } from "./pinned-parent.ts";
import { freshName } from "./write-aside.ts";

/** Linux, on every architecture that Node knows: a file without a name in the folder that is opened. */
const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY;
const NEW_FILE_MODE = 0o666;
const PRIVATE_MODE = 0o600;
const PERMISSIONS = 0o777;

/** Not every file system has files without a name. Old kernels see a folder that is opened for writing. */
const NO_UNNAMED_FILES = new Set(["EOPNOTSUPP", "ENOTSUP", "EISDIR", "EINVAL", "ENOENT", "ENOSYS"]);
/** File systems that give a file one name only say so in one of these ways. */
const NO_LINKS = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);
/** Failures of a link that another way would share. */
const LINK_FAILURES = new Set(["EEXIST", "ENOSPC", "EDQUOT", "EIO", "EROFS", "EACCES", "ENAMETOOLONG"]);

/**
 * A new file in a held folder. It has no name before {@link placeAs}, so that nothing else can be put under it, and it
 * is gone with its descriptor; where the file system has no such files it has an unpredictable one.
 */
export class NewFile {
  readonly #calls: OsCalls;
  /** The caller's. */
  readonly #folder: PinnedDirectory;
  #fd: number;
  /** Its name in the folder as long as it is not in place. */
  #name: Buffer | undefined;
  /** Permission bits that new files get in this folder. */
  readonly naturalMode: number;

  private constructor(calls: OsCalls, folder: PinnedDirectory, made: MadeFile) {
    this.#calls = calls;
    this.#folder = folder;
    this.#fd = made.fd;
    this.#name = made.name;
    this.naturalMode = made.naturalMode;
  }

  static async create(calls: OsCalls, folder: PinnedDirectory): Promise<NewFile> {
    const made =
      (canLinkDescriptors() ? await makeUnnamed(calls, folder) : undefined) ?? (await makeNamed(calls, folder));
    return new NewFile(calls, folder, made);
  }

  /** Its descriptor, for reading and writing. */
  get fd(): number {
    return this.#fd;
  }

  stats(): Promise<BigIntStats> {
    return this.#calls.fstat(this.#fd);
  }

  /**
   * Give it its name in the folder, at once and in place of any file or link that has it. Nothing is followed.
   *
   * @throws the system's error; with `noReplace`, `EEXIST` where something has the name.
   */
  async placeAs(name: Buffer, { noReplace = false }: { readonly noReplace?: boolean } = {}): Promise<void> {
    const target = joinPath(this.#folder.path, name);
    if (this.#name === undefined && (await this.#link(name))) return;
    if (noReplace) return this.#placeBeside(target);
    this.#name ??= await this.#linkAside();
    await this.#calls.rename(joinPath(this.#folder.path, this.#name), target);
    this.#name = undefined;
  }

  /** Give the descriptor back. A file that is not in place is gone. */
  async close(): Promise<void> {
    const name = this.#name;
    this.#name = undefined;
    if (name !== undefined) await this.#unlinkOwn(joinPath(this.#folder.path, name)).catch(() => {});
    await this.#calls.close(this.#fd);
  }

  /** A name that is taken stays what it is. */
  async #placeBeside(target: Buffer): Promise<void> {
    if (this.#name === undefined) throw osFault("EEXIST");
    const named = joinPath(this.#folder.path, this.#name);
    try {
      await this.#calls.link(named, target);
    } catch (thrown) {
      if (!NO_LINKS.has(errnoOf(thrown) ?? "")) throw thrown;
      await this.#copyTo(target);
    }
    this.#name = undefined;
    await this.#calls.unlink(named);
  }

  /** Where a file can have one name only, another is made under the name that was asked for, and removed again when the disk fails. */
  async #copyTo(target: Buffer): Promise<void> {
    const mode = Number((await this.stats()).mode) & PERMISSIONS;
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const fd = await this.#calls.open(target, flags, mode);
    try {
      await writeRange(this.#calls, fd, fileContent(this.#calls, this.#fd), 0, Number.POSITIVE_INFINITY);
      await this.#calls.fchmod(fd, mode).catch(unlessNoModes);
    } catch (thrown) {
      await this.#calls.unlink(target).catch(() => {});
      throw thrown;
    } finally {
      await this.#calls.close(fd);
    }
  }

  /** False when the name is taken. */
  async #link(name: Buffer): Promise<boolean> {
    try {
      linkDescriptor(this.#fd, joinPath(this.#folder.path, name));
      return true;
    } catch (thrown) {
      const code = errnoOf(thrown) ?? "";
      if (code === "EEXIST") return false;
      if (LINK_FAILURES.has(code)) throw thrown;
      // A file system that has files without a name, but names none of them.
      await this.#becomeNamed();
      return false;
    }
  }

  async #linkAside(): Promise<Buffer> {
    const name = freshName();
    return (await this.#link(name)) ? name : (this.#name ?? name);
  }

  async #becomeNamed(): Promise<void> {
    const { mode } = await this.#calls.fstat(this.#fd);
    const made = await makeNamed(this.#calls, this.#folder);
    const old = this.#fd;
    this.#fd = made.fd;
    this.#name = made.name;
    try {
      await writeRange(this.#calls, this.#fd, fileContent(this.#calls, old), 0, Number.POSITIVE_INFINITY);
      await this.#calls.fchmod(this.#fd, Number(mode) & PERMISSIONS).catch(unlessNoModes);
    } finally {
      await this.#calls.close(old);
    }
  }

  /** Another file that was put under its name stays. */
  async #unlinkOwn(path: Buffer): Promise<void> {
    if (isSameFile(await this.#calls.lstat(path), await this.stats())) await this.#calls.unlink(path);
  }
}

interface MadeFile {
  readonly fd: number;
  readonly name: Buffer | undefined;
  readonly naturalMode: number;
}

async function makeUnnamed(calls: OsCalls, folder: PinnedDirectory): Promise<MadeFile | undefined> {
  let fd: number;
  try {
    fd = await calls.open(folder.path, O_TMPFILE | constants.O_RDWR, NEW_FILE_MODE);
  } catch (thrown) {
    if (NO_UNNAMED_FILES.has(errnoOf(thrown) ?? "")) return undefined;
    throw thrown;
  }
  try {
    return { fd, name: undefined, naturalMode: Number((await calls.fstat(fd)).mode) & PERMISSIONS };
  } catch (thrown) {
    await calls.close(fd);
    throw thrown;
  }
}

async function makeNamed(calls: OsCalls, folder: PinnedDirectory): Promise<MadeFile> {
  const name = freshName();
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const path = joinPath(folder.path, name);
  const fd = await calls.open(path, flags, NEW_FILE_MODE);
  try {
    const naturalMode = Number((await calls.fstat(fd)).mode) & PERMISSIONS;
    // Where the file system has no permission bits of its own, the bits of all its files say who may read this one.
    await calls.fchmod(fd, PRIVATE_MODE).catch(unlessNoModes);
    return { fd, name, naturalMode };
  } catch (thrown) {
    await calls.close(fd);
    await calls.unlink(path).catch(() => {});
    throw thrown;
  }
}
