import { isRemoteError, isStartError } from "@holdfast/exec-client";
import { ERROR_CODES } from "@holdfast/exec-server-protocol";
import { CommandFailure, reasonOf } from "../command-line/failure.ts";
import { startFailure } from "../exec/start-failure.ts";

/** What to tell about a confined command that did not start. */
export function confinedStartFailure(error: unknown, program: string): Error {
  const answer = isStartError(error) ? error.cause : undefined;
  // What an executor answers when a request is wrong in itself or can not be kept.
  if (!isRemoteError(answer) || answer.code !== ERROR_CODES.InvalidParams) return startFailure(error, program);
  return new CommandFailure(`${program} was not started: ${reasonOf(answer)}`, { cause: error });
}

/** What to tell about a profile under which nothing can start. */
export function refusedProfile(error: Error): CommandFailure {
  return new CommandFailure(`the sandbox would start nothing with this profile: ${reasonOf(error)}`, { cause: error });
}
