import { isLinkError, isRemoteError } from "@holdfast/rpc";
import type { Session } from "../session/session.ts";
import type { ProcessChannel } from "./process-channel.ts";

/** There is no process for the caller. */
export function abandonChannel(session: Session, channel: ProcessChannel, error: unknown): void {
  session.abandonChannel(channel, error);
  // Neither refused nor lost: the answer is invalid, and the process may well be running.
  if (!isRemoteError(error) && !isLinkError(error)) session.terminateUnseen(channel.processId);
}
