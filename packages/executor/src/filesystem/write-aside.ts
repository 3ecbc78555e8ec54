import { randomBytes } from "node:crypto";
import type { BigIntStats } from "node:fs";
import type { NewContent } from "./content.ts";
import { attributesOf } from "./extended-attributes.ts";
import { errnoOf } from "./fault.ts";
import { joinPath, splitPath } from "./native-path.ts";
import type { OsCalls } from "./os-calls.ts";

/** Failures that say something about the disk, not about this way of writing: another way would not do better. */
export const DISK_FAILURES = new Set(["ENOSPC", "EDQUOT", "EIO", "EFBIG", "ENOMEM", "EMFILE", "ENFILE"]);

const SET_USER_ID = 0o4000;
const SET_GROUP_ID = 0o2000;
const GROUP_EXECUTE = 0o010;
const PERMISSIONS = 0o7777;
const OWNER_ONLY = 0o600;
const NEW_FILE_MODE = 0o666;

const FRESH_NAME = /^\.holdfast-[0-9a-f]{24}$/;

/** A new, unpredictable name. */
export function freshName(): Buffer {
  return Buffer.from(`.holdfast-${randomBytes(12).toString("hex")}`);
}

/** Whether a name is one that {@link freshName} makes. */
export function isFreshName(name: Buffer): boolean {
  return FRESH_NAME.test(name.toString("latin1"));
}

/** A fresh name next to `target`, so that the later rename stays on one file system. */
export function asideName(target: Buffer): Buffer {
  return joinPath(splitPath(target).parent, freshName());
}

/**
 * Create a file that does not exist yet: whole under its name, or not at all.
 *
 * The content is written under a temporary name in the same folder and renamed. The temporary file never remains.
 */
export async function createAside(calls: OsCalls, target: Buffer, content: NewContent): Promise<void> {
  const aside = asideName(target);
  await discardOnFailure(calls, aside, async () => {
    await content.createAt(calls, aside, NEW_FILE_MODE);
    await calls.rename(aside, target);
  });
}

/**
 * Replace a regular file by a new one with the same owner, mode and attributes, in one step.
 *
 * @param current - What `target` is now: a regular file with a single link.
 * @returns False, with nothing changed, when a new file can not stand for the old one here: the folder takes no new
 * file, the owner or the attributes can not be carried over, or the rename is refused.
 * @throws The system's error when the disk fails; the old file is untouched.
 */
export async function replaceAside(
  calls: OsCalls,
  target: Buffer,
  current: BigIntStats,
  content: NewContent,
): Promise<boolean> {
  const aside = asideName(target);
  try {
    return await discardOnFailure(calls, aside, async () => {
      await content.createAt(calls, aside, OWNER_ONLY);
      if (!(await takeOver(calls, aside, target, current, content.mode))) throw new Unsuitable();
      await calls.rename(aside, target);
      return true;
    });
  } catch (thrown) {
    if (DISK_FAILURES.has(errnoOf(thrown) ?? "")) throw thrown;
    if (thrown instanceof Unsuitable || errnoOf(thrown) !== undefined) return false;
    throw thrown;
  }
}

/** The new file can not be made like the old one. */
class Unsuitable extends Error {}

async function takeOver(
  calls: OsCalls,
  aside: Buffer,
  target: Buffer,
  current: BigIntStats,
  newMode: number | undefined,
): Promise<boolean> {
  const made = await calls.lstat(aside);
  if (made.uid !== current.uid || made.gid !== current.gid) {
    await calls.lchown(aside, Number(current.uid), Number(current.gid));
  }
  // After the owner, whose change clears the set-id bits.
  await calls.chmod(aside, newMode ?? modeAfterWrite(Number(current.mode)));
  return attributesOf(aside) === attributesOf(target);
}

/** What a plain write leaves of the permission bits: without privileges it clears the set-id bits. */
function modeAfterWrite(mode: number): number {
  const kept = mode & PERMISSIONS;
  if (process.geteuid?.() === 0) return kept;
  const cleared = (kept & GROUP_EXECUTE) === 0 ? SET_USER_ID : SET_USER_ID | SET_GROUP_ID;
  return kept & ~cleared;
}

async function discardOnFailure<T>(calls: OsCalls, aside: Buffer, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (thrown) {
    await calls.unlink(aside).catch(() => {});
    throw thrown;
  }
}
