import type { BigIntStats } from "node:fs";
import { displayPath, normalPath, selfAndAncestors, splitPath } from "./native-path.ts";
import { isSameFile, type OsCalls } from "./os-calls.ts";

/** Places whose removal would take away what everything else stands on. */
export interface ProtectedPaths {
  /** The user's home directory; it and everything above it stay. */
  readonly home: Buffer | undefined;
  /** The executor's working directory; everything above it stays. */
  readonly cwd: Buffer | undefined;
}

/** One directory that stays, and why. */
export interface GuardedPath {
  readonly path: Buffer;
  readonly reason: string;
}

const HOME = "it is the user's home directory or contains it";
const CWD = "it contains the executor's working directory";
const FILE_SYSTEM_ROOT = "it is a file system root";

/** What must not happen to a protected place. */
export type ProtectedFrom = "removed" | "renamed" | "replaced";

/** Every directory that the protected paths name, by spelling alone. */
export function guardedPaths(places: ProtectedPaths): GuardedPath[] {
  const home = places.home === undefined ? [] : selfAndAncestors(normalPath(places.home));
  const aboveCwd = places.cwd === undefined ? [] : selfAndAncestors(splitPath(normalPath(places.cwd)).parent);
  return [...home.map((path) => ({ path, reason: HOME })), ...aboveCwd.map((path) => ({ path, reason: CWD }))];
}

/**
 * Why a path must not be removed, by its spelling; `undefined` when it may. Pure: nothing is looked up.
 *
 * @param path - Absolute; dot segments and duplicate slashes are resolved.
 */
export function refusalToRemove(
  path: Buffer,
  guarded: readonly GuardedPath[],
  from: ProtectedFrom = "removed",
): string | undefined {
  const spelled = normalPath(path);
  if (spelled.length === 1) return refusal(spelled, FILE_SYSTEM_ROOT, from);
  const hit = guarded.find((place) => place.path.equals(spelled));
  return hit === undefined ? undefined : refusal(spelled, hit.reason, from);
}

/**
 * Why a directory must not be removed, by what it is: the same directory under another name, or the place where a file
 * system is mounted.
 */
export async function refusalToRemoveDirectory(
  calls: OsCalls,
  directory: { readonly path: Buffer; readonly stats: BigIntStats; readonly parentStats: BigIntStats },
  guarded: readonly GuardedPath[],
  from: ProtectedFrom = "removed",
): Promise<string | undefined> {
  if (directory.stats.dev !== directory.parentStats.dev) return refusal(directory.path, FILE_SYSTEM_ROOT, from);
  for (const place of guarded) {
    const stats = await calls.stat(place.path).catch(() => undefined);
    if (stats !== undefined && isSameFile(stats, directory.stats)) return refusal(directory.path, place.reason, from);
  }
  return undefined;
}

/** The guarded paths together with those of the places' canonical spelling, where that differs. */
export async function resolveGuardedPaths(calls: OsCalls, places: ProtectedPaths): Promise<GuardedPath[]> {
  const real = async (path: Buffer | undefined) =>
    path === undefined ? undefined : calls.realpath(path).catch(() => undefined);
  const [home, cwd] = await Promise.all([real(places.home), real(places.cwd)]);
  return [...guardedPaths(places), ...guardedPaths({ home, cwd })];
}

function refusal(path: Buffer, reason: string, from: ProtectedFrom) {
  return `path \`${displayPath(path)}\` must not be ${from}: ${reason}`;
}
