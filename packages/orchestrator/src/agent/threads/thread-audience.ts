import type { ServerNotices, ServerRequests } from "@holdfast/app-server-protocol";
import type { TurnQuestion } from "../turn/turn-port.ts";

/** A notice about a thread. */
export type ThreadNotice = keyof ServerNotices;

/** Who hears of a thread, and is asked. */
export interface ThreadAudience {
  /** Tell those that listen to the thread. */
  notify<Name extends ThreadNotice>(name: Name, params: ServerNotices[Name]): void;
  /** Tell everybody, whether they listen to the thread or not. */
  notifyAll<Name extends ThreadNotice>(name: Name, params: ServerNotices[Name]): void;
  /**
   * Ask those that listen to the thread, now or while the question is open.
   *
   * @param signal - Withdraws the question.
   * @throws The reason of `signal`, or that nobody can answer.
   */
  ask<Name extends TurnQuestion>(
    name: Name,
    params: ServerRequests[Name]["params"],
    signal: AbortSignal,
  ): Promise<ServerRequests[Name]["result"]>;
}
