import { isLinkError, isRemoteError } from "@holdfast/rpc";
import { reasonOf, TransferError } from "./transfer-error.ts";

const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/no such file or directory|ENOENT/i, "check the path"],
  [/permission denied|EACCES|EPERM/i, "check the permissions"],
  [/no space left|ENOSPC/i, "make room there"],
  [/read-only file system|EROFS/i, "choose another folder"],
];

/** What to tell about a path that something could not be done with. */
export function copyFailure(what: string, error: unknown): TransferError {
  if (error instanceof TransferError) return error;
  if (isLinkError(error)) return lostFailure(what, error);
  const why = isRemoteError(error) ? error.message : withoutCall(reasonOf(error));
  const advice = ADVICE.find(([pattern]) => pattern.test(why))?.[1];
  return new TransferError(advice === undefined ? `${what}: ${why}` : `${what}: ${why}; ${advice}`, { cause: error });
}

/** Without a line for too long. */
function lostFailure(what: string, error: Error): TransferError {
  const why = `the connection to the executor was lost (${reasonOf(error)})`;
  return new TransferError(`${what}: ${why}; once it is reachable again, repeat the copy`, { cause: error });
}

/** The system's text without the name of the call and its arguments. */
function withoutCall(text: string): string {
  return /^E[A-Z]+: (.+?), /.exec(text)?.[1] ?? text;
}

export function refuseSpecial(text: string): TransferError {
  return new TransferError(`${text} is no regular file: pipes, sockets and devices are not copied; name another`);
}

export function refuseTarget(text: string): TransferError {
  return new TransferError(`${text} is neither a file nor a folder: nothing can be put there; name another place`);
}

/** @param target - Where it leads. */
export function refuseLink(text: string, target: string): TransferError {
  return new TransferError(
    `${text} is a link to ${target}: nothing is copied through a link that another user may have put there; name what it leads to, or end it with / for a folder`,
  );
}

export function refuseFolder(text: string): TransferError {
  return new TransferError(`${text} is a folder: add -r to copy it with everything in it`);
}
