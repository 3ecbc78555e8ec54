import type { ServerNotices, ServerRequests } from "@holdfast/app-server-protocol";

/** Name of a notice that a server sends. */
export type NoticeName = keyof ServerNotices;
/** Name of a request that a server makes of its clients. */
export type QuestionName = keyof ServerRequests;

/** One client of an app server, on one connection, as the handlers of its requests see it. */
export interface HostClient {
  /** Unlike that of every other connection of this server. */
  readonly id: number;
  /** As which it has introduced itself. */
  readonly name: string;
  readonly version: string;
  /** It has asked for experimental methods and members. */
  readonly hasExperimentalApi: boolean;
  /** Aborted when its connection is gone: what runs for it alone ends. */
  readonly gone: AbortSignal;
  /** Tell it something. Dropped when it has opted out of that, or is gone. */
  notify<Name extends NoticeName>(name: Name, params: ServerNotices[Name]): void;
  /**
   * Ask it something, under the id of the question: that is for the desk of questions (`HostServices.questions`).
   *
   * @returns what it answers, whatever that is.
   * @throws RemoteError - It refuses.
   * @throws LinkError - It is gone, or `signal` has ended the wait.
   */
  ask<Name extends QuestionName>(
    id: number,
    name: Name,
    params: ServerRequests[Name]["params"],
    signal: AbortSignal,
  ): Promise<unknown>;
  /** False when who makes many notices should wait for {@link HostClient.whenWritable}. */
  readonly writable: boolean;
  /** Resolves when it is writable again, or gone. */
  whenWritable(): Promise<void>;
}

/** What the handler of a request gets beside its params. */
export interface HostCall {
  readonly client: HostClient;
  /** Aborted when the answer can not be delivered any more. */
  readonly signal: AbortSignal;
  /** Call this when the answer is on its way, before anything else is sent: for notices and questions that belong behind it. Not called after a refusal. */
  afterAnswer(listener: () => void): void;
}
