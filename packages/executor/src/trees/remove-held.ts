import { lstatSync, rmdirSync, unlinkSync } from "node:fs";
import { errnoOf, invalidInput, toFault } from "../filesystem/fault.ts";
import { joinPath } from "../filesystem/native-path.ts";
import { type StagingProblem, StagingProblems } from "../filesystem/staging-problems.ts";
import { HeldChain } from "./held-chain.ts";

const SELF = Buffer.from(".");
const SLASH = 0x2f;
/** A folder that something else came into since it was listed, or that something was left out of. */
const NOT_EMPTY = new Set(["ENOTEMPTY", "EEXIST"]);

/** A folder within the root from which nothing is removed, and why. */
export interface GuardedName {
  readonly name: Uint8Array;
  readonly reason: string;
}

export interface RemoveOptions {
  readonly guarded: readonly GuardedName[];
  /** Whether a folder that has something else in it is not told. It stays in any case. */
  readonly keepsFilled: boolean;
  /** What paths of problems begin with. */
  readonly shownRoot: Buffer;
}

/**
 * Remove what is named from a held folder, through no link and nothing besides.
 *
 * @param root - Names the held folder for any call.
 * @param names - From the root, what is in a folder before the folder.
 */
export function removeHeld(
  root: Buffer,
  names: readonly Buffer[],
  { guarded, keepsFilled, shownRoot }: RemoveOptions,
): readonly StagingProblem[] {
  const problems = new StagingProblems(shownRoot);
  const chain = new HeldChain(root, { makesMissing: false });
  try {
    // All of them before anything is removed that lies in one.
    const closed = [...guarded, ...names.filter((name) => isMountPoint(chain, name)).map(asMounted)];
    for (const name of names) {
      try {
        const found = closed.find((guard) => isWithin(name, guard.name));
        if (found !== undefined) throw invalidInput(`it is not removed: ${found.reason}`);
        removeOne(chain.entry(name));
      } catch (thrown) {
        const code = errnoOf(thrown) ?? "";
        if (code === "ENOENT" || (keepsFilled && NOT_EMPTY.has(code))) continue;
        problems.report(name, toFault(thrown).message);
      }
    }
  } finally {
    chain.close();
  }
  return problems.all();
}

function removeOne(path: Buffer): void {
  if (lstatSync(path).isDirectory()) rmdirSync(path);
  else unlinkSync(path);
}

/** What can't be looked at is told when it is to be removed. */
function isMountPoint(chain: HeldChain, name: Buffer): boolean {
  try {
    const path = chain.entry(name);
    const stats = lstatSync(path);
    if (!stats.isDirectory()) return false;
    return stats.dev !== lstatSync(joinPath(path.subarray(0, path.lastIndexOf(SLASH)), SELF)).dev;
  } catch {
    return false;
  }
}

function asMounted(name: Buffer): GuardedName {
  return { name, reason: "another file system is mounted there" };
}

function isWithin(name: Buffer, folder: Uint8Array): boolean {
  if (!name.subarray(0, folder.length).equals(folder)) return false;
  return name.length === folder.length || name[folder.length] === SLASH;
}
