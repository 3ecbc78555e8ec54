import { ERROR_CODES } from "@holdfast/exec-server-protocol";
import { isLinkError, isRemoteError } from "@holdfast/rpc";
import { isLineFailure } from "@holdfast/rpc/client";
import { isFinalRefusal } from "../errors/final-refusal.ts";

/**
 * A line that is not there, breaks or stays silent may do better next time; a refusal will not, but for that of an executor which has
 * yet to notice that the old line is gone.
 */
export function isRetryable(error: unknown): boolean {
  if (isRemoteError(error)) return error.code === ERROR_CODES.SessionAttached;
  if (isLinkError(error) && isFinalRefusal(error.cause)) return false;
  return isLineFailure(error);
}
