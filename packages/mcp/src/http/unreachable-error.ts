import { isLinkError } from "@holdfast/rpc";
import { shownWords } from "./shown-words.ts";

/** A server could not be asked: it is not there, or the line to the executor that asks it was lost. */
export class ServerUnreachableError extends Error {
  override readonly name = "ServerUnreachableError";
}

/** What a `fetch` failed with, in words that say more than that it failed; what is no failure of a connection as it is. */
export function toUnreachableError(error: unknown): unknown {
  if (isLinkError(error) && error.code === "closed") {
    const words = `the line to the executor was lost: ${shownWords(error.message)}`;
    return new ServerUnreachableError(words, { cause: error });
  }
  // The platform keeps the reason in the cause.
  const isOfPlatform = error instanceof TypeError && error.message === "fetch failed";
  if (!isOfPlatform) return error;
  return new ServerUnreachableError(`the server can not be reached: ${reasonOf(error.cause)}`, { cause: error });
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return "unknown";
  return "code" in cause && typeof cause.code === "string" ? cause.code : shownWords(cause.message);
}
