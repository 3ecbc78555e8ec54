import { isRemoteError } from "@holdfast/exec-client";
import { ERROR_CODES } from "@holdfast/exec-server-protocol";
import { CommandFailure, reasonOf } from "../command-line/failure.ts";
import { type AttemptedStart, startFailure } from "../exec/start-failure.ts";

/** What an executor answers when a request is wrong in itself or can not be kept. */

/** What to tell about a confined command that did not start. */
export async function confinedStartFailure(error: unknown, attempt: AttemptedStart): Promise<Error> {
  if (!isRemoteError(error) || error.code !== ERROR_CODES.InvalidParams) return startFailure(error, attempt);
  return new CommandFailure(`${attempt.program} was not started: ${reasonOf(error)}`, { cause: error });
}

/** What to tell about a profile under which nothing can start. */
export function refusedProfile(error: Error): CommandFailure {
  return new CommandFailure(`the sandbox would start nothing with this profile: ${reasonOf(error)}`, { cause: error });
}
