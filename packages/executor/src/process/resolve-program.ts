import { accessSync, constants, statSync } from "node:fs";
import { resolve } from "node:path";
import { errnoName, osErrorText } from "../platform/os-error.ts";
import { SpawnFault } from "./child.ts";
import { MAX_PATH_FOLDERS } from "./limits.ts";
import { programCandidates } from "./program-candidates.ts";

const NOT_THERE = "ENOENT";

/**
 * Check that a working folder and a program exist, with the reason that the operating system would give.
 *
 * For ways of starting a child that report such errors only inside the child. The kernel still has the last word.
 *
 * @param cwd - In a spelling that this process can open.
 * @throws SpawnFault
 */
export function checkLaunch(program: string, cwd: string, env: Readonly<Record<string, string>>): void {
  checkFolder(cwd);
  const { files, isCut } = programCandidates(program, env, MAX_PATH_FOLDERS);
  const reasons = files.map((file) => whyNotRunnable(resolve(cwd, file)));
  if (!reasons.includes(undefined)) throw notFound(reasons, isCut);
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
 * The fault of a program that none of its candidates was.
 *
 * @param reasons - Why not, in their order.
 * @param isCut - There were more candidates, which were not looked at.
 */
export function notFound(reasons: readonly (string | undefined)[], isCut: boolean): SpawnFault {
  const { message } = fault(reasons.includes("EACCES") ? "EACCES" : (reasons.at(-1) ?? NOT_THERE));
  if (!isCut) return new SpawnFault(message);
  return new SpawnFault(
    `${message}: \`PATH\` names more than ${MAX_PATH_FOLDERS} folders, only those were looked into; give the whole path of the program`,
  );
}

function checkFolder(cwd: string): void {
  try {
    if (!statSync(cwd).isDirectory()) throw fault("ENOTDIR");
    accessSync(cwd, constants.X_OK);
  } catch (thrown) {
    throw thrown instanceof SpawnFault ? thrown : fault(errnoName(thrown) ?? NOT_THERE);
  }
}

function fault(code: string): SpawnFault {
  return new SpawnFault(osErrorText(code) ?? code);
}
