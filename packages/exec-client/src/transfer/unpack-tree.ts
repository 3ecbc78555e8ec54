import {
  closeSync,
  constants,
  fchmodSync,
  futimesSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  symlinkSync,
  unlinkSync,
  write,
  writeSync,
} from "node:fs";
import { promisify } from "node:util";
import { type TarEntry, TarError, TarReader } from "@holdfast/protocol-kit/tar";
import { modifiedNsOf, secondsOf } from "./archive-entry.ts";
import { Breather } from "./breather.ts";
import { copyFailure } from "./copy-failure.ts";
import { refusalOfName } from "./local-name.ts";
import { OpenFolders } from "./open-folders.ts";
import type { Problems } from "./problems.ts";
import { PERMISSION_BITS } from "./transfer.ts";
import { TransferError } from "./transfer-error.ts";
import { folderOf, keyOf, showPath, type TreeEntry } from "./tree-entry.ts";

/** Windows has no such flag. */
const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW = 0 } = constants;
const STAGED_FOLDER_MODE = 0o700;
const STAGED_FILE_MODE = 0o600;
/** What is written at once: more is waited for, so that a slow disk keeps nobody waiting. */
const SHORT_BYTES = 256 * 1024;
/** What an archive of a million entries takes here is some 300 MiB. */
const ENTRIES_MAX = 1_000_000;
/** Longest path that a system takes. */
const PATH_MAX_BYTES = 4_096;
/** What would meet every file that follows as well. */
const END_OF_DISK = new Set(["ENOSPC", "EDQUOT", "EROFS", "EIO"]);
const SLASH = 0x2f;
const writeLater = promisify(write);

/** Where an archive is unpacked to, and how messages name where it came from. */
export interface UnpackOptions {
  readonly text: string;
  readonly problems: Problems;
  readonly signal: AbortSignal;
  readonly advance: (bytes: number) => void;
  /** Longest path from the folder that may be made. */
  readonly maxPathBytes?: number | undefined;
}

/**
 * Unpacks a tar archive that another machine sent into a held, empty folder of this one. Names are checked before they are paths,
 * folders are reached through no link, and each place is made once. What can not be made is a problem, and the rest goes on.
 */
export class TreeUnpacker implements Disposable {
  /** What is there: folders first those that contain others, itself first. */
  readonly made: TreeEntry[] = [];
  readonly #folders: OpenFolders;
  readonly #options: UnpackOptions;
  readonly #reader = new TarReader();
  readonly #breather = new Breather();
  /** Places that are made, and those that failed, whose content is left out. */
  readonly #seen = new Map<string, "made" | "failed">();
  #entries = 0;
  #file: { readonly fd: number; readonly entry: TarEntry; readonly path: Buffer; at: number } | undefined;

  /** @param top - Native path that leads to the held folder. */
  constructor(top: Buffer, options: UnpackOptions) {
    this.#folders = new OpenFolders(top);
    this.#options = options;
  }

  /** Take the next piece of the archive. @throws TransferError - It is no archive, or leads out of the folder; the system's error, of a full disk. */
  async take(piece: Uint8Array): Promise<void> {
    try {
      for (const part of this.#reader.read(piece)) {
        if (part.kind === "entry") {
          const due = this.#breather.due();
          if (due !== undefined) await due;
          this.#options.signal.throwIfAborted();
          this.#begin(part.entry);
        } else if (part.kind === "content") await this.#write(part.bytes);
        else this.#end();
      }
    } catch (error) {
      if (error instanceof TarError)
        throw new TransferError(`the executor sends no archive: ${error.message}`, { cause: error });
      throw error;
    }
  }

  /** @throws TransferError - Something of the archive is missing. */
  finish(): void {
    if (!this.#reader.isBetweenEntries) throw new TransferError("the archive of the executor ends in the middle");
  }

  [Symbol.dispose](): void {
    if (this.#file !== undefined) closeSync(this.#file.fd);
    this.#folders[Symbol.dispose]();
  }

  #begin(entry: TarEntry): void {
    const path = this.#checked(entry.path);
    if (path === undefined) return;
    this.#entries += 1;
    if (this.#entries > ENTRIES_MAX) {
      throw new TransferError("the folder has too many files to be copied at once; copy its folders one by one");
    }
    const key = keyOf(path);
    if (this.#seen.has(key)) throw new TransferError(`the executor sends one path twice: ${showPath(path)}`);
    if (path.byteLength > 0) {
      const folder = folderOf(path);
      if (folder.byteLength > 0 && this.#seen.get(keyOf(folder)) !== "made") {
        this.#seen.set(key, "failed");
        // What is below a folder that could not be made has been told together with it.
        if (this.#seen.has(keyOf(folder))) return;
        throw new TransferError(`the executor sends ${showPath(path)} before the folder that it is in`);
      }
    }
    const original = entry.kind === "hard-link" ? this.#checked(entry.target) : undefined;
    const isMade = this.#orReport(path, () => this.#make(entry, path, original));
    this.#seen.set(key, isMade ? "made" : "failed");
  }

  #make(entry: TarEntry, path: Buffer, original: Buffer | undefined): void {
    const { kind } = entry;
    const known = { path, mode: entry.mode & PERMISSION_BITS, modifiedNs: modifiedNsOf(entry) };
    if (kind === "folder") {
      if (path.byteLength > 0) {
        mkdirSync(this.#folders.at(path), STAGED_FOLDER_MODE);
        this.#folders.remember(path);
      }
      this.made.push({ ...known, kind, size: 0 });
    } else if (path.byteLength === 0) {
      throw new TransferError("what was a folder is none");
    } else if (kind === "file") {
      const flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
      this.#file = { fd: openSync(this.#folders.at(path), flags, STAGED_FILE_MODE), entry, path, at: 0 };
    } else if (kind === "link") {
      const target = Buffer.from(entry.target);
      const native = this.#folders.at(path);
      symlinkSync(target, native);
      const time = secondsOf(known.modifiedNs);
      lutimesSync(native, time, time);
      this.made.push({ ...known, kind, size: 0, target });
    } else if (kind === "hard-link") {
      if (original === undefined || this.#seen.get(keyOf(original)) !== "made") {
        throw new TransferError(`it is another name of ${showPath(Buffer.from(entry.target))}, which is not here`);
      }
      // Either path is good until the next is asked for.
      const from = Buffer.from(this.#folders.at(original));
      const folder = this.#folders.at(path);
      linkSync(from, folder);
      this.made.push({ ...known, kind: "file", size: 0 });
    } else {
      throw new TransferError("it is no file, folder or link");
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    const file = this.#file;
    if (file === undefined) return;
    try {
      for (let done = 0; done < bytes.byteLength; ) {
        const left = bytes.byteLength - done;
        const count =
          left <= SHORT_BYTES
            ? writeSync(file.fd, bytes, done, left, file.at)
            : (await writeLater(file.fd, bytes, done, left, file.at)).bytesWritten;
        done += count;
        file.at += count;
      }
      this.#options.advance(bytes.byteLength);
    } catch (error) {
      this.#leaveOut(error);
    }
  }

  #end(): void {
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    const { entry, path, fd } = file;
    try {
      const modifiedNs = modifiedNsOf(entry);
      const time = secondsOf(modifiedNs);
      const mode = entry.mode & PERMISSION_BITS;
      futimesSync(fd, time, time);
      fchmodSync(fd, mode);
      this.made.push({ path, kind: "file", mode, size: entry.size, modifiedNs });
    } catch (error) {
      this.#report(path, error);
    } finally {
      closeSync(fd);
    }
  }

  /** Nothing of a file that could not be written stays. */
  #leaveOut(error: unknown): void {
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    closeSync(file.fd);
    unlinkSync(this.#folders.at(file.path));
    this.#seen.set(keyOf(file.path), "failed");
    this.#report(file.path, error);
  }

  /** The path from the folder; undefined where it has been told that it is too long. */
  #checked(told: Uint8Array): Buffer | undefined {
    const bytes = Buffer.from(told.buffer, told.byteOffset, told.byteLength);
    const start =
      bytes[0] === 0x2e && (bytes[1] === SLASH || bytes.byteLength === 1) ? Math.min(2, bytes.byteLength) : 0;
    const path = bytes.subarray(start);
    if (path.byteLength === 0) return path;
    const most = this.#options.maxPathBytes ?? PATH_MAX_BYTES;
    if (path.byteLength > most) {
      this.#options.problems.report(
        `a path of more than ${most} bytes is left out: ${showPath(path.subarray(0, 100))}…`,
      );
      return undefined;
    }
    for (let at = 0; at <= path.byteLength; ) {
      const slash = path.indexOf(SLASH, at);
      const end = slash === -1 ? path.byteLength : slash;
      if (refusalOfName(path.subarray(at, end)) !== undefined) {
        throw new TransferError(`the executor sends a path that is none: ${showPath(path)}`);
      }
      at = end + 1;
    }
    return path;
  }

  #orReport(path: Buffer, make: () => void): boolean {
    try {
      make();
      return true;
    } catch (error) {
      this.#report(path, error);
      return false;
    }
  }

  #report(path: Buffer, error: unknown): void {
    if (error instanceof Error && "code" in error && END_OF_DISK.has(String(error.code))) throw error;
    const { text, problems } = this.#options;
    problems.report(copyFailure(`cannot copy ${text}/${showPath(path)}`, error).message);
  }
}
