import { isCommandNotFound, isLinkError, isNotFound, OutputGapError } from "@holdfast/exec-client";
import type { Patience } from "./program.ts";

/** What may go wrong with a call, besides what it is about. */
export interface Circumstances {
  readonly patience: Patience;
  /** Whether the line was cut at some time: not before it, necessarily. */
  readonly wasCut: () => boolean;
}

/** Whether this is an error that the caller was promised. Anything else is a finding. */
export function isPromised(error: unknown, { patience, wasCut }: Circumstances): boolean {
  if (!(error instanceof Error)) return false;
  if (patience.abortMs !== null && error.name === "AbortError") return true;
  if (patience.timeoutMs !== null && error.name === "TimeoutError") return true;
  if (!wasCut()) return false;
  return (isLinkError(error) && error.code === "closed") || error instanceof OutputGapError;
}

/** Whether there was no such program. */
export function isNotStarted(error: unknown): boolean {
  return isCommandNotFound(error) && error.code === "ENOENT";
}

export { isNotFound };

/** An error in one line. */
export function inShort(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : ` (cause: ${inShort(error.cause)})`;
  return `${error.name}: ${error.message}${cause}`;
}
