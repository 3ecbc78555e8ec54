import { isLinkError, type LinkError } from "@holdfast/rpc";
import { refusalOf } from "../errors/refusal.ts";
import { systemErrorIn } from "../errors/system-error.ts";
import { reasonOf, TransferError } from "./transfer-error.ts";

/** By the name of the system's error, there or here. */
const ADVICE: Readonly<Record<string, string>> = {
  ENOENT: "check the path",
  EACCES: "check the permissions",
  EPERM: "check the permissions",
  ENOSPC: "make room there",
  EDQUOT: "make room there",
  EROFS: "choose another folder",
};

/** What to tell about a path that something could not be done with. */
export function copyFailure(what: string, error: unknown): TransferError {
  if (error instanceof TransferError) return error;
  if (isLinkError(error)) return lostFailure(what, error);
  const why = refusalOf(error)?.message ?? withoutCall(reasonOf(error));
  const advice = ADVICE[systemCodeOf(error) ?? ""];
  return new TransferError(advice === undefined ? `${what}: ${why}` : `${what}: ${why}; ${advice}`, { cause: error });
}

/** Without a line for too long, or without an answer on one. */
function lostFailure(what: string, error: LinkError): TransferError {
  if (error.code === "timeout") {
    const message = `${what}: the executor does not answer (${reasonOf(error)}); look at its disk, and repeat the copy`;
    return new TransferError(message, { cause: error });
  }
  const why = `the connection to the executor was lost (${reasonOf(error)})`;
  return new TransferError(`${what}: ${why}; once it is reachable again, repeat the copy`, { cause: error });
}

/** The name of the system's error, there or here. */
export function systemCodeOf(error: unknown): string | undefined {
  const isNamed = error instanceof Error && "code" in error && typeof error.code === "string";
  return isNamed ? String(error.code) : systemErrorIn(refusalOf(error)?.message ?? "", undefined)?.code;
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
