import fs, { type Stats } from "node:fs";
import { invalidInput, withFaults } from "./fault.ts";
import { checkedPath } from "./native-path.ts";
import { systemCalls } from "./os-calls.ts";
import { pinParentWithoutLinks } from "./pinned-parent.ts";

/** What is known about a path. Kind, size and times are those of the target of a link. */
export interface Metadata {
  readonly isDirectory: boolean;
  readonly isFile: boolean;
  /** The path itself is a link. */
  readonly isSymlink: boolean;
  /** Bytes. */
  readonly size: number;
  /** Unix milliseconds; 0 when the file system does not know. */
  readonly createdAtMs: number;
  /** Unix milliseconds; 0 when unknown or before 1970. */
  readonly modifiedAtMs: number;
}

/** How to look at a path. */
export interface MetadataOptions {
  /** Default true. False refuses a link anywhere in the path. */
  readonly followSymlinks?: boolean;
}

/**
 * Look at a path. One system call, two for a link.
 *
 * @throws FileSystemFault `not-found` - missing, or a dangling link.
 * @throws FileSystemFault `invalid-input` - a link, without `followSymlinks`.
 * @throws FileSystemFault `other` - `Not a directory`: without `followSymlinks`, a link in the middle.
 */
export function getMetadata(path: Buffer, options: MetadataOptions = {}): Promise<Metadata> {
  return withFaults(() =>
    options.followSymlinks === false ? metadataWithoutLinks(checkedPath(path)) : metadataOf(checkedPath(path)),
  );
}

/** One promise for the whole look: each one in between would cost a turn of the microtask queue. */
function metadataOf(path: Buffer): Promise<Metadata> {
  return new Promise((resolve, reject) =>
    fs.lstat(path, (error, stats) => {
      if (error !== null) reject(error);
      else if (stats.isSymbolicLink()) resolve(look(fs.stat, path).then((target) => describe(target, true)));
      else resolve(describe(stats, false));
    }),
  );
}

async function metadataWithoutLinks(path: Buffer): Promise<Metadata> {
  const entry = await pinParentWithoutLinks(systemCalls, path);
  try {
    const stats = await look(fs.lstat, entry.path);
    if (stats.isSymbolicLink()) throw invalidInput("path contains a symbolic link");
    return describe(stats, false);
  } finally {
    await entry.close();
  }
}

/** Plain stats are twice as cheap as the exact ones of the port, and no identity is compared here. */
function look(call: typeof fs.stat, path: Buffer): Promise<Stats> {
  return new Promise((resolve, reject) =>
    call(path, (error, stats) => (error === null ? resolve(stats) : reject(error))),
  );
}

function describe(stats: Stats, isSymlink: boolean): Metadata {
  return {
    isDirectory: stats.isDirectory(),
    isFile: stats.isFile(),
    isSymlink,
    size: stats.size,
    createdAtMs: unixMs(stats.birthtimeMs),
    modifiedAtMs: unixMs(stats.mtimeMs),
  };
}

function unixMs(ms: number): number {
  return Math.max(0, Math.floor(ms));
}
