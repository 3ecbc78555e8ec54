import { isRemoteError, type RemoteError } from "@holdfast/rpc";
import { isFileError } from "./file-error.ts";
import { isStartError } from "./start-error.ts";
import { isUnsupported } from "./unsupported-error.ts";

/** The code of a refusal that was none of the executor's system. */
export const REFUSED = "refused";

/**
 * What the executor answered, if that is what an error is about, however it was told to the caller.
 *
 * @returns undefined when there was no answer.
 */
export function refusalOf(error: unknown): RemoteError | undefined {
  if (isRemoteError(error)) return error;
  return isFileError(error) || isStartError(error) || isUnsupported(error) ? refusalOf(error.cause) : undefined;
}
