import type { BigIntStats } from "node:fs";
import { type EntryKind, kindOf } from "./entry-kind.ts";
import { errnoOf, withFaults } from "./fault.ts";
import { checkedPath } from "./native-path.ts";
import { type OsCalls, systemCalls } from "./os-calls.ts";

/** What the system knows about a name in a folder. Times are Unix milliseconds. */
export interface EntryStats {
  readonly kind: EntryKind;
  /** The path itself is a link, followed or not. */
  readonly isSymlink: boolean;
  /** Bytes. */
  readonly size: number;
  /** Permission bits with set-id and sticky bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly linkCount: number;
  /** In decimal. */
  readonly inode: string;
  readonly device: string;
  readonly accessedAtMs: number;
  readonly modifiedAtMs: number;
  readonly changedAtMs: number;
  /** 0: unknown. */
  readonly createdAtMs: number;
  /** Of a link that was not followed. */
  readonly link: LinkStats | undefined;
}

export interface LinkStats {
  /** What it says. */
  readonly target: Buffer;
  /** What it leads to; undefined: nowhere, or somewhere that can't be looked at. */
  readonly targetKind: EntryKind | undefined;
}

const MODE_BITS = 0o7777n;

/**
 * Look at a name, or at what it leads to.
 *
 * @throws FileSystemFault `not-found` - missing, or with `followSymlinks` a link that leads nowhere.
 */
export function statEntry(
  path: Buffer,
  { followSymlinks }: { readonly followSymlinks: boolean },
  calls: OsCalls = systemCalls,
): Promise<EntryStats> {
  return withFaults(async () => {
    const checked = checkedPath(path);
    const stats = await calls.lstat(checked);
    if (!stats.isSymbolicLink()) return { ...described(stats), isSymlink: false, link: undefined };
    if (followSymlinks) return { ...described(await calls.stat(checked)), isSymlink: true, link: undefined };
    return { ...described(stats), isSymlink: true, link: await linkOf(calls, checked) };
  });
}

async function linkOf(calls: OsCalls, path: Buffer): Promise<LinkStats | undefined> {
  try {
    const target = await calls.readlink(path);
    const targetKind = await calls.stat(path).then(kindOf, () => undefined);
    return { target, targetKind };
  } catch (thrown) {
    // By now it is something else, or gone.
    if (errnoOf(thrown) === "EINVAL" || errnoOf(thrown) === "ENOENT") return undefined;
    throw thrown;
  }
}

function described(stats: BigIntStats): Omit<EntryStats, "link" | "isSymlink"> {
  return {
    kind: kindOf(stats),
    size: Number(stats.size),
    mode: Number(stats.mode & MODE_BITS),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    linkCount: Number(stats.nlink),
    inode: String(stats.ino),
    device: String(stats.dev),
    accessedAtMs: Number(stats.atimeMs),
    modifiedAtMs: Number(stats.mtimeMs),
    changedAtMs: Number(stats.ctimeMs),
    createdAtMs: Number(stats.birthtimeMs),
  };
}
