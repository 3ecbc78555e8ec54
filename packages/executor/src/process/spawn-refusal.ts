import { accessSync, constants, statSync } from "node:fs";
import { errnoName, osErrorText } from "../platform/os-error.ts";
import { SpawnFault, type SpawnFaultCulprit, type SpawnFaultReason, type SpawnFaultSubject } from "./child.ts";

const REASONS: Readonly<Record<string, SpawnFaultReason>> = {
  ENOENT: "not-found",
  EACCES: "permission-denied",
  EPERM: "permission-denied",
};

/** What a system says of a program, or of the folder that it is to start in. */
const ABOUT_A_PLACE = new Set(["ENOENT", "EACCES", "EPERM", "ENOTDIR", "ENOEXEC", "ELOOP", "ENAMETOOLONG", "ETXTBSY"]);

interface RefusalOptions {
  readonly subject?: SpawnFaultSubject | undefined;
  /** Default: the subject. */
  readonly culprit?: SpawnFaultCulprit | undefined;
  /** What to do about it. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** What a start failed with, by the name of the system's error. */
export function spawnRefusal(
  code: string,
  { subject, culprit = subject, hint, cause }: RefusalOptions = {},
): SpawnFault {
  const reason = REASONS[code];
  const text = osErrorText(code) ?? code;
  const message = hint === undefined ? text : `${text}: ${hint}`;
  const place = ABOUT_A_PLACE.has(code) ? culprit : undefined;
  return new SpawnFault(message, { reason, subject: reason && subject, code, culprit: place, cause });
}

/** As {@link spawnRefusal}, where the system does not tell whether it means the program or the working folder. */
export function spawnRefusalIn(cwd: string | Buffer, code: string, options: RefusalOptions = {}): SpawnFault {
  const subject = folderRefusal(cwd) === undefined ? "program" : "working-folder";
  return spawnRefusal(code, { ...options, subject, culprit: subject === "program" ? options.culprit : subject });
}

/** Why nothing can be started in a folder: the name of the system's error, or `undefined` when something can. */
export function folderRefusal(cwd: string | Buffer): string | undefined {
  try {
    if (!statSync(cwd).isDirectory()) return "ENOTDIR";
    accessSync(cwd, constants.X_OK);
    return undefined;
  } catch (thrown) {
    return errnoName(thrown) ?? "ENOENT";
  }
}
