import { Buffer } from "node:buffer";
import {
  accessSync,
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  realpathSync,
  type Stats,
  statSync,
} from "node:fs";
import type { FileFacts, FileView, FolderEntry, PathKind } from "../machine.ts";

/** The files of this machine as commands of a user see them. */
export function realFiles(uid: number): FileView {
  return {
    kindOf: (path) => undefinedOnFailure(() => kindOf(lstatSync(path, { throwIfNoEntry: false }))),
    factsOf: (path) => undefinedOnFailure(() => factsOf(path)),
    realpath: (path) => undefinedOnFailure(() => realpathSync.native(path)),
    readlink: (path) => {
      const isLink = undefinedOnFailure(() => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink());
      return isLink === true ? undefinedOnFailure(() => readlinkSync(path)) : undefined;
    },
    canCreateIn: (folder) => canCreateIn(folder, uid),
    list: (path) => undefinedOnFailure(() => readdirSync(path, { withFileTypes: true }).map(entryOf)) ?? [],
    readText: (path, maxBytes) => undefinedOnFailure(() => readText(path, maxBytes)),
    readBytes: (path, maxBytes) => undefinedOnFailure(() => readBytes(path, maxBytes)),
  };
}

function factsOf(path: string): FileFacts | undefined {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return (
    stats && {
      device: stats.dev,
      inode: stats.ino,
      bornNs: stats.birthtimeNs,
      uid: Number(stats.uid),
      gid: Number(stats.gid),
      mode: Number(stats.mode & 0o7777n),
      size: Number(stats.size),
      changedNs: stats.mtimeNs,
    }
  );
}

function entryOf(entry: Dirent): FolderEntry {
  return { name: entry.name, kind: kindOf(entry) ?? "other" };
}

function kindOf(stats: Stats | Dirent | undefined): PathKind | undefined {
  if (stats === undefined) return undefined;
  if (stats.isSymbolicLink()) return "symlink";
  if (stats.isDirectory()) return "directory";
  return stats.isFile() ? "file" : "other";
}

function canCreateIn(folder: string, uid: number): boolean {
  const stats = undefinedOnFailure(() => statSync(folder));
  if (stats?.isDirectory() !== true) return false;
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch (error) {
    // An owner can give the right back; no user can on a file system that is read-only.
    return stats.uid === uid && (error as NodeJS.ErrnoException).code === "EACCES";
  }
}

function readText(path: string, maxBytes: number): string | undefined {
  return reading(path, (fd) => {
    const buffer = Buffer.alloc(maxBytes);
    return buffer.toString("utf8", 0, readSync(fd, buffer, 0, maxBytes, 0));
  });
}

function readBytes(path: string, maxBytes: number): Uint8Array | undefined {
  return reading(path, (fd) => {
    const stats = fstatSync(fd);
    return stats.isFile() && stats.size <= maxBytes ? readFileSync(fd) : undefined;
  });
}

function reading<Content>(path: string, read: (fd: number) => Content): Content {
  // O_NONBLOCK: what was a file a moment ago may be a pipe without a writer.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    return read(fd);
  } finally {
    closeSync(fd);
  }
}

/** A view has no errors: what can not be looked at is not there. */
function undefinedOnFailure<Answer>(ask: () => Answer): Answer | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}
