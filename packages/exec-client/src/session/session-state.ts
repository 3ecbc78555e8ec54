import { ERROR_CODES, EXECUTOR_SHUTDOWN } from "@holdfast/exec-server-protocol";
import { isLinkError, isRemoteError, type PortClose } from "@holdfast/rpc";
import type { LinkEnd } from "@holdfast/rpc/client";
import { isFinalRefusal } from "../errors/final-refusal.ts";
import { SessionGoneError } from "../errors.ts";
import type { Line, LineLoss } from "./line.ts";

/** Why a session is over. */
export interface SessionEnd extends LinkEnd {
  readonly close: PortClose;
}

/**
 * `connected`: calls go out on `line`; its loss leads to `recovering`, or to `failed` when the target can not be dialled
 * again. `recovering`: calls wait; a resumed session leads back to `connected`, the deadline or a refusal to `failed`.
 * `failed` and `closed` (by this side) are for good.
 */
export type SessionState =
  | { readonly kind: "connected"; readonly line: Line }
  | { readonly kind: "recovering"; readonly stop: AbortController }
  | ({ readonly kind: "failed" | "closed" } & SessionEnd);

/** The line is gone, and there is no way to another one. */
export function endOfLoss({ close, code }: LineLoss): SessionEnd {
  return {
    close,
    code,
    message: `the connection to the executor is gone: ${close.reason}`,
    cause: close.cause,
  };
}

/** Whether the executor reported that it shuts down: there is nothing to resume, here or on one that is started anew. */
export function isShutdown({ close }: LineLoss): boolean {
  return (
    close.initiator === "remote" &&
    close.code === EXECUTOR_SHUTDOWN.code &&
    close.reason.endsWith(EXECUTOR_SHUTDOWN.reason)
  );
}

export function endOfShutdown({ close }: LineLoss): SessionEnd {
  const cause = new SessionGoneError("the executor has ended, and with it all that it ran");
  return { close, code: "closed", message: `${close.reason}; ${cause.message}`, cause };
}

/** The connection is gone, and the session could not be resumed. */
export function endOfRecovery(loss: LineLoss, error: unknown): SessionEnd {
  const failure = error instanceof Error ? error.message : String(error);
  const message = `the connection to the executor is gone: ${loss.close.reason}; the session could not be resumed: ${failure}`;
  const { cause: refusal } = isLinkError(error) ? error : {};
  // Who dials has found out that another one is there.
  if (isFinalRefusal(refusal) && refusal.sessionGone !== undefined) {
    const cause = new SessionGoneError(refusal.sessionGone, { cause: error });
    const reason = `${message}; ${cause.message}`;
    return { close: { initiator: "fault", reason, cause }, code: "closed", message: reason, cause };
  }
  if (!isForgotten(error)) {
    return { close: { initiator: "fault", reason: message, cause: error }, code: "closed", message, cause: error };
  }
  const gone = "the executor was started anew, or the session's time was up, and all that ran in it has ended";
  const cause = new SessionGoneError(gone, { cause: error });
  const reason = `${message}; ${gone}`;
  return { close: { initiator: "fault", reason, cause }, code: "closed", message: reason, cause };
}

/** The executor knows no session of that id, or gave another one instead. */
function isForgotten(error: unknown): boolean {
  return isRemoteError(error)
    ? error.code === ERROR_CODES.InvalidRequest && error.message.includes("unknown session id")
    : isLinkError(error) && error.code === "malformed" && error.method === "initialize";
}
