import type { Executor, ExecutorFileSystem, FileCallOptions, Sandbox } from "@holdfast/exec-client";
import { isFileError, isNotFound } from "@holdfast/exec-client";

/** Where a patch is applied, and with whose rights. */
export interface PatchPlace {
  readonly fs: ExecutorFileSystem;
  readonly environment: Executor["environment"];
  readonly sandbox: Sandbox | null | undefined;
}

/** Whether an executor can rename, and looks at links for next to nothing. */
export function changesEntries({ environment }: PatchPlace): boolean {
  return environment.capabilities.holdfastFiles && environment.capabilities.holdfastNoReplace;
}

/** The options of a call of its file system. */
export function callOptions(
  { sandbox }: PatchPlace,
  timeoutMs: number,
  signal?: AbortSignal,
): Pick<FileCallOptions, "sandbox" | "timeoutMs" | "signal"> {
  return { sandbox, timeoutMs, signal };
}

/** Whether an error says that nothing is at a path, or nothing can be: a part of it is no folder. */
export function isNothingThere(error: unknown): boolean {
  return isNotFound(error) || (isFileError(error) && error.code === "ENOTDIR");
}

/** Why a call was in vain, without the call: `EACCES: permission denied`. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return isFileError(error) ? message.replace(/, (?:fs\.)?[A-Za-z]+ (?:'.*|-> .*)?$/s, "") : message;
}
