/**
 * The thread was not received again after a reconnect, so that nobody would hear of what is asked: nothing was sent. Servers refuse to resume a thread
 * without a message, though they still have it. Start another one, or take this one up by `thread/resume` once it can be.
 */
export class LostThreadError extends Error {
  override readonly name = "LostThreadError";
  readonly code = "thread-lost";
  readonly threadId: string;

  constructor(method: string, threadId: string, cause: Error) {
    super(
      `${method}: thread ${threadId} was lost with the connection (${cause.message}), and what it does would not be heard of: start another one`,
      { cause },
    );
    this.threadId = threadId;
  }
}
