import type { Thread, ThreadStartResponse } from "../gen/types.gen.ts";
import type { Run, RunInput, RunOptions } from "./run.ts";

/** What a server says about a thread that it opened. */
export type OpenedThread = Omit<ThreadStartResponse, "thread">;

/** A conversation with an agent that this client takes part in. */
export interface OpenThread extends AsyncDisposable {
  readonly id: string;
  /** As it was when it was opened. Its `turns` are those before, where the server gave them. */
  readonly info: Thread;
  /** Model, folder, policies and sandbox, as they were when it was opened. */
  readonly settings: OpenedThread;
  /**
   * Say something and let the agent work: `for await (const item of thread.run("fix the test")) …`. It begins at once. While a turn runs the
   * server adds the input to it, and both runs follow that turn.
   */
  run(input: RunInput, options?: RunOptions): Run;
  /**
   * Interrupts what runs, and stops listening: the server forgets the thread after a while, and keeps it on its disk. Never rejects: without
   * a connection there is nothing to stop.
   */
  close(): Promise<void>;
  /** As {@link OpenThread.close}. */
  [Symbol.asyncDispose](): Promise<void>;
}
