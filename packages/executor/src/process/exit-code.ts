import type { ExitStatus } from "../platform/child-reaper.ts";

/** Exit code when the status can not be had. */
export const UNKNOWN_EXIT_CODE = -1;

/** The shell's convention: `128 + n` for a death by signal `n`. */
export function exitCodeOf({ code, signal }: ExitStatus): number {
  if (code !== null) return code;
  return signal === null ? UNKNOWN_EXIT_CODE : 128 + signal;
}
