import type { Problems } from "./problems.ts";

/** One thing in a folder that is copied. */
export interface TreeEntry {
  /** Path from the folder, in bytes: names need not be UTF-8. Empty for the folder itself. */
  readonly path: Buffer;
  readonly kind: "folder" | "file" | "link" | "special";
  /** Permission bits; undefined where they are not known. */
  readonly mode: number | undefined;
  /** Bytes of a file; 0 where that is not known, as the mode is not. */
  readonly size: number;
  /** What a link says. */
  readonly target?: Buffer;
  /** Last modification in nanoseconds since 1970; undefined where it is not known. */
  readonly modifiedNs?: bigint | undefined;
  /** Device and inode of a file that has other names; undefined of any other. */
  readonly identity?: string | undefined;
}

const SLASH = 0x2f;

export function joinBytes(folder: Buffer, path: Buffer): Buffer {
  return path.byteLength === 0 ? folder : Buffer.concat([folder, Buffer.of(SLASH), path]);
}

/** The path as a key: each byte one character. */
export function keyOf(path: Buffer): string {
  return path.toString("latin1");
}

/** The path of the folder that an entry is in; empty for one in the folder itself. */
export function folderOf(path: Buffer): Buffer {
  return path.subarray(0, Math.max(0, path.lastIndexOf(SLASH)));
}

/** The last name of a path. */
export function nameIn(path: Buffer): Buffer {
  return path.subarray(path.lastIndexOf(SLASH) + 1);
}

/** Levels below the folder. */
export function depthOf({ path }: Pick<TreeEntry, "path">): number {
  let depth = 0;
  for (let at = path.indexOf(SLASH); at !== -1; at = path.indexOf(SLASH, at + 1)) depth += 1;
  return depth;
}

/** Folders, those that contain others first. */
export function foldersOf(entries: readonly TreeEntry[]): TreeEntry[] {
  return entries
    .filter(({ kind, path }) => kind === "folder" && path.byteLength > 0)
    .map((entry) => ({ entry, depth: depthOf(entry) }))
    .sort((one, other) => one.depth - other.depth)
    .map(({ entry }) => entry);
}

export function bytesOf(entries: readonly TreeEntry[]): number {
  return entries.reduce((sum, { kind, size }) => (kind === "file" ? sum + size : sum), 0);
}

/** For people. */
export function showPath(path: Buffer): string {
  return path.byteLength === 0 ? "." : path.toString("utf8");
}

/** Tell about what is in no copy. */
export function reportSpecial(entries: readonly TreeEntry[], text: string, problems: Problems): void {
  for (const { kind, path } of entries) {
    if (kind === "special") problems.report(`${text}/${showPath(path)} is left out: no file, folder or link`);
  }
}
