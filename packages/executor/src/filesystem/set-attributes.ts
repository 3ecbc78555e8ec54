import { type BigIntStats, constants } from "node:fs";
import { invalidInput, osFault, withFaults } from "./fault.ts";
import { checkWritable } from "./file-offset.ts";
import { checkedPath } from "./native-path.ts";
import { type OsCalls, systemCalls } from "./os-calls.ts";
import { type HeldEntry, holdEntry } from "./pinned-parent.ts";

/** What is to be set; undefined members stay. */
export interface Attributes {
  /** Permission bits, up to 0o7777. */
  readonly mode?: number | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** Bytes of a regular file. */
  readonly size?: number | undefined;
  /** Unix milliseconds. */
  readonly accessedAtMs?: number | undefined;
  readonly modifiedAtMs?: number | undefined;
}

const MAX_MODE = 0o7777;
/** Tells `chown` to leave one as it is. */
const UNCHANGED_ID = 0xffff_ffff;

/**
 * Set attributes of what a path leads to, or of a link itself. It is held, so that all are set on the same file.
 *
 * Owner first, whose change clears the set-id bits; times last, which a new size changes.
 *
 * @throws FileSystemFault `invalid-input` - a mode above 0o7777; mode or size of a link; the size of what is no regular file.
 */
export function setAttributes(
  path: Buffer,
  attributes: Attributes,
  { followSymlinks }: { readonly followSymlinks: boolean },
  calls: OsCalls = systemCalls,
): Promise<void> {
  return withFaults(async () => {
    const { mode, size } = attributes;
    if (mode !== undefined && mode > MAX_MODE) throw invalidInput(`mode ${mode.toString(8)} has more bits than 7777`);
    const held = await holdEntry(calls, checkedPath(path), { noFollow: !followSymlinks });
    try {
      const stats = await held.stats();
      if (stats.isSymbolicLink() && (mode !== undefined || size !== undefined)) {
        throw invalidInput("a link has no mode and no size of its own");
      }
      await setOwner(calls, held, attributes);
      if (mode !== undefined) await calls.chmod(held.path, mode);
      if (size !== undefined) await resize(calls, held, stats, size);
      await setTimes(calls, held, attributes);
    } finally {
      await held.close();
    }
  });
}

async function setOwner(calls: OsCalls, held: HeldEntry, { uid, gid }: Attributes): Promise<void> {
  if (uid === undefined && gid === undefined) return;
  const owner = [uid ?? UNCHANGED_ID, gid ?? UNCHANGED_ID] as const;
  await (held.isByName ? calls.lchown(held.path, ...owner) : calls.chown(held.path, ...owner));
}

async function resize(calls: OsCalls, held: HeldEntry, stats: BigIntStats, size: number): Promise<void> {
  if (stats.isDirectory()) throw osFault("EISDIR");
  if (!stats.isFile()) throw invalidInput("only a regular file has a size that can be set");
  checkWritable(size, 0);
  const fd = await calls.open(held.path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    await calls.ftruncate(fd, size);
  } finally {
    await calls.close(fd);
  }
}

async function setTimes(calls: OsCalls, held: HeldEntry, attributes: Attributes): Promise<void> {
  const { accessedAtMs, modifiedAtMs } = attributes;
  if (accessedAtMs === undefined && modifiedAtMs === undefined) return;
  // Not those of before: a new size has changed them.
  const { atimeMs, mtimeMs } = await held.stats();
  // Not as numbers: Node takes those below 0 for the present.
  const accessed = new Date(accessedAtMs ?? Number(atimeMs));
  const modified = new Date(modifiedAtMs ?? Number(mtimeMs));
  await (held.isByName ? calls.lutimes(held.path, accessed, modified) : calls.utimes(held.path, accessed, modified));
}
