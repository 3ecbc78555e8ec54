import {
  closeSync,
  constants,
  fchmodSync,
  futimesSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { isTreeName } from "@holdfast/exec-server-protocol/trees";
import { type TarEntry, TarError, TarReader } from "@holdfast/protocol-kit/tar";
import { errnoOf, FileSystemFault, invalidInput, toFault, unlessNoModes } from "../filesystem/fault.ts";
import { displayPath } from "../filesystem/native-path.ts";
import { type StagingProblem, StagingProblems } from "../filesystem/staging-problems.ts";
import { DISK_FAILURES } from "../filesystem/write-aside.ts";
import { HeldChain } from "./held-chain.ts";
import { ARCHIVE_FOLDERS_MAX } from "./limits.ts";
import { secondsOf, type UnpackedFolder } from "./unpacked-folders.ts";

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
/** Nobody else reads what is not whole. */
const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;
const PERMISSIONS = 0o777;
const SLASH = 0x2f;
const DOT = 0x2e;
const ROOT_NAME = Buffer.alloc(0);

/** What an archive has become. */
export interface Unpacked {
  /** To be given their permission bits and times when everything is in place. */
  readonly folders: readonly UnpackedFolder[];
  readonly problems: readonly StagingProblem[];
  readonly isModeSet: boolean;
}

interface OpenFile {
  readonly fd: number;
  readonly entry: TarEntry;
  readonly name: Buffer;
}

/**
 * Unpacks an archive into a held folder as it comes. Everything is reached from that folder, through no link, one made by the archive
 * itself among them. What can not be made is kept as a problem, and the rest goes on.
 *
 * For a thread of its own: every call into the system is waited for.
 */
export class ArchiveUnpacker {
  readonly #reader = new TarReader();
  readonly #chain: HeldChain;
  readonly #targets: HeldChain;
  readonly #problems: StagingProblems;
  readonly #folders: UnpackedFolder[] = [];
  #file: OpenFile | undefined;
  #isModeSet = true;
  /** Why nothing more is unpacked. */
  #failure: FileSystemFault | undefined;

  /**
   * @param root - Names the held folder for any call.
   * @param shownRoot - What paths of problems begin with.
   */
  constructor(root: Buffer, shownRoot: Buffer) {
    this.#chain = new HeldChain(root, { makesMissing: true });
    this.#targets = new HeldChain(root, { makesMissing: false });
    this.#problems = new StagingProblems(shownRoot);
  }

  get problemCount(): number {
    return this.#problems.count;
  }

  /** @throws FileSystemFault for what is no archive, a name that leads out of the folder, or a full or failing disk. */
  write(bytes: Uint8Array): void {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      for (const part of this.#reader.read(bytes)) {
        if (part.kind === "entry") this.#begin(part.entry);
        else if (part.kind === "content") this.#content(part.bytes);
        else this.#end();
      }
    } catch (thrown) {
      const isArchive = !(thrown instanceof TarError);
      this.#failure = isArchive ? toFault(thrown) : invalidInput(`the archive can't be read: ${thrown.message}`);
      throw this.#failure;
    }
  }

  /** @throws FileSystemFault `invalid-input` when the archive breaks off within an entry. */
  finish(): Unpacked {
    const isWhole = this.#reader.isBetweenEntries;
    this.close();
    if (this.#failure !== undefined) throw this.#failure;
    if (!isWhole) throw invalidInput("the archive breaks off within an entry");
    return { folders: this.#folders, problems: this.#problems.all(), isModeSet: this.#isModeSet };
  }

  /** Nothing more comes. A file that is not whole is taken away. Idempotent. */
  close(): void {
    const file = this.#file;
    this.#file = undefined;
    if (file !== undefined) this.#dropFile(file);
    this.#chain.close();
    this.#targets.close();
  }

  #begin(entry: TarEntry): void {
    const name = checkedName(entry.path);
    this.#orReport(name, () => {
      if (entry.kind === "folder") this.#makeFolder(name, entry);
      else if (name.length === 0) throw invalidInput("the root of an archive is a folder");
      else if (entry.kind === "file") this.#file = { fd: this.#newFile(name), entry, name };
      else if (entry.kind === "link") this.#makeLink(name, entry);
      else if (entry.kind === "hard-link") this.#makeHardLink(name, checkedName(entry.target));
      else throw invalidInput("it is neither a file, nor a folder, nor a link");
    });
  }

  #content(bytes: Uint8Array): void {
    const file = this.#file;
    if (file === undefined) return;
    this.#orDrop(file, () => {
      for (let at = 0; at < bytes.length; ) at += writeSync(file.fd, bytes, at, bytes.length - at);
    });
  }

  #end(): void {
    const file = this.#file;
    if (file === undefined) return;
    this.#orDrop(file, () => {
      try {
        fchmodSync(file.fd, file.entry.mode & PERMISSIONS);
      } catch (thrown) {
        unlessNoModes(thrown);
        this.#isModeSet = false;
      }
      // Last: a file that was cut has another time than the one that it should have.
      const time = secondsOf(file.entry);
      futimesSync(file.fd, time, time);
    });
    if (this.#file === undefined) return;
    this.#file = undefined;
    closeSync(file.fd);
  }

  #orDrop(file: OpenFile, act: () => void): void {
    this.#orReport(file.name, () => {
      try {
        act();
      } catch (thrown) {
        this.#file = undefined;
        this.#dropFile(file);
        throw thrown;
      }
    });
  }

  #dropFile({ fd, name }: OpenFile): void {
    closeSync(fd);
    try {
      unlinkSync(this.#chain.entry(name));
    } catch {
      // Its folder is gone.
    }
  }

  #newFile(name: Buffer): number {
    const path = this.#chain.entry(name);
    return this.#replacing(path, () => openSync(path, NEW_FILE, PRIVATE_FILE));
  }

  #makeFolder(name: Buffer, { mode, modifiedSeconds, modifiedNanoseconds }: TarEntry): void {
    if (name.length > 0) {
      const path = this.#chain.entry(name);
      try {
        mkdirSync(path, PRIVATE_FOLDER);
      } catch (thrown) {
        if (errnoOf(thrown) !== "EEXIST" || !lstatSync(path).isDirectory()) throw thrown;
      }
    }
    if (this.#folders.length >= ARCHIVE_FOLDERS_MAX) {
      throw invalidInput(`permission bits and times of at most ${ARCHIVE_FOLDERS_MAX} folders are kept`);
    }
    this.#folders.push({ name, mode, modifiedSeconds, modifiedNanoseconds });
  }

  #makeLink(name: Buffer, entry: TarEntry): void {
    const target = Buffer.from(entry.target);
    if (target.length === 0 || target.includes(0)) throw invalidInput("a link must say something, without a NUL byte");
    const path = this.#chain.entry(name);
    this.#replacing(path, () => symlinkSync(target, path));
    const time = secondsOf(entry);
    lutimesSync(path, time, time);
  }

  #makeHardLink(name: Buffer, target: Buffer): void {
    if (target.length === 0) throw invalidInput("a folder has no second name");
    const from = this.#targets.entry(target);
    const path = this.#chain.entry(name);
    // An archive may name a file twice; it must not lose it by that.
    if (name.equals(target)) return;
    this.#replacing(path, () => linkSync(from, path));
  }

  /** What has the name from before gives way, unless it is a folder with something in it. */
  #replacing<T>(path: Buffer, make: () => T): T {
    try {
      return make();
    } catch (thrown) {
      if (errnoOf(thrown) !== "EEXIST") throw thrown;
      if (lstatSync(path).isDirectory()) rmdirSync(path);
      else unlinkSync(path);
      return make();
    }
  }

  #orReport(name: Buffer, act: () => void): void {
    try {
      act();
    } catch (thrown) {
      if (DISK_FAILURES.has(errnoOf(thrown) ?? "")) throw thrown;
      this.#problems.report(name, toFault(thrown).message);
    }
  }
}

/**
 * The name from the root; empty for the root itself.
 *
 * @throws FileSystemFault when it leads elsewhere.
 */
function checkedName(path: Uint8Array): Buffer {
  const bytes = Buffer.from(path.buffer, path.byteOffset, path.byteLength);
  let start = 0;
  // What archives of a folder's content begin with.
  while (bytes[start] === DOT && (bytes[start + 1] === SLASH || start + 1 === bytes.length)) {
    start += 1;
    while (bytes[start] === SLASH) start += 1;
  }
  const name = bytes.subarray(start);
  if (start > 0 && name.length === 0) return ROOT_NAME;
  if (isTreeName(name)) return name;
  throw new FileSystemFault(
    "invalid-input",
    `the archive names \`${displayPath(bytes)}\`, which does not lie in the folder: nothing more of it is unpacked`,
  );
}
