import { accessSync, constants, statSync } from "node:fs";
import { resolve } from "node:path";
import { programCandidates, TOO_MANY_PATH_FOLDERS } from "@holdfast/sandbox";
import { errnoName } from "../platform/os-error.ts";
import type { SpawnFault } from "./child.ts";
import { folderRefusal, spawnRefusal, spawnRefusalIn } from "./spawn-refusal.ts";

const NOT_THERE = "ENOENT";
const OF_INTERPRETERS = new Set(["ENOENT", "EACCES"]);
/** Where the C library looks when a child has no `PATH`. */
export const DEFAULT_PATH = "/bin:/usr/bin";

/**
 * Check that a working folder and a program exist, with the reason that the operating system would give.
 *
 * For ways of starting a child that report such errors only inside the child. The kernel still has the last word.
 *
 * @param cwd - In a spelling that this process can open.
 * @returns the path of the program.
 * @throws SpawnFault
 */
export function checkLaunch(program: string, cwd: string, env: Readonly<Record<string, string>>): string {
  const folder = folderRefusal(cwd);
  if (folder !== undefined) throw spawnRefusal(folder, { subject: "working-folder" });
  const { files, isCut } = programCandidates(program, env.PATH ?? DEFAULT_PATH);
  const candidates = files.map((file) => resolve(cwd, file));
  const reasons = candidates.map(whyNotRunnable);
  const found = candidates[reasons.indexOf(undefined)];
  if (found === undefined) throw notFound(reasons, { isCut, cwd, candidates });
  return found;
}

/** The errno name that running a file would fail with, as far as can be told from here. */
export function whyNotRunnable(path: string | Buffer): string | undefined {
  try {
    if (statSync(path).isDirectory()) return "EACCES";
    accessSync(path, constants.X_OK);
    return undefined;
  } catch (thrown) {
    return errnoName(thrown) ?? NOT_THERE;
  }
}

/**
 * The fault of a program that none of its candidates was, or of the folder that it was to start in.
 *
 * @param reasons - Why not, in their order.
 * @param tried.isCut - There were more candidates, which were not looked at.
 * @param tried.candidates - As this process sees them.
 */
export function notFound(
  reasons: readonly (string | undefined)[],
  tried: { readonly isCut: boolean; readonly cwd: string | Buffer; readonly candidates: readonly (string | Buffer)[] },
): SpawnFault {
  const code = reasons.includes("EACCES") ? "EACCES" : (reasons.at(-1) ?? NOT_THERE);
  // The system has the same words for a program that is missing and for one whose interpreter is.
  const isThere = OF_INTERPRETERS.has(code) && tried.candidates.some((file) => whyNotRunnable(file) === undefined);
  const culprit = isThere ? "interpreter" : "program";
  return spawnRefusalIn(tried.cwd, code, { culprit, ...(tried.isCut && { hint: TOO_MANY_PATH_FOLDERS }) });
}
