import { accessSync, constants, statSync } from "node:fs";
import { resolve } from "node:path";
import { errnoName, osErrorText } from "../platform/os-error.ts";
import { SpawnFault } from "./child.ts";
import { programCandidates } from "./program-candidates.ts";

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
  const reasons = programCandidates(program, env).map((file) => refusal(resolve(cwd, file)));
  if (reasons.includes(undefined)) return;
  throw fault(reasons.includes("EACCES") ? "EACCES" : (reasons.at(-1) ?? "ENOENT"));
}

function refusal(path: string): string | undefined {
  try {
    if (statSync(path).isDirectory()) return "EACCES";
    accessSync(path, constants.X_OK);
    return undefined;
  } catch (thrown) {
    return errnoName(thrown) ?? "ENOENT";
  }
}

function checkFolder(cwd: string): void {
  try {
    if (!statSync(cwd).isDirectory()) throw fault("ENOTDIR");
    accessSync(cwd, constants.X_OK);
  } catch (thrown) {
    throw thrown instanceof SpawnFault ? thrown : fault(errnoName(thrown) ?? "ENOENT");
  }
}

function fault(code: string): SpawnFault {
  return new SpawnFault(osErrorText(code) ?? code);
}
