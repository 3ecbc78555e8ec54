import type { AppServerCallbackHandlers } from "../client.ts";
import type { AppServerClient } from "../gen/stub-types.gen.ts";
import type {
  Thread,
  ThreadForkParams,
  ThreadListParams,
  ThreadResumeParams,
  ThreadStartParams,
} from "../gen/types.gen.ts";
import type { Approve } from "./approval.ts";
import { type ApprovalContext, ApprovalDesk, type Registration } from "./approval-desk.ts";
import { RUN_LIMITS, type RunLimits } from "./limits.ts";
import type { OpenedThread, OpenThread } from "./open-thread.ts";
import type { Run, RunInput, RunOptions } from "./run.ts";
import { type ConnectionNews, TurnFeed } from "./turn-feed.ts";
import { TurnRun } from "./turn-run.ts";

/** Options of {@link createThreads}. */
export interface ThreadsOptions extends ConnectionNews {
  /** Decides where neither the run nor the thread has a callback of its own. Default: such requests are left to the client's handlers. */
  readonly approve?: Approve | undefined;
  readonly limits?: Partial<RunLimits> | undefined;
}

/** What goes beside the params of `thread/start`, `thread/resume` and `thread/fork`. */
export interface ThreadOptions {
  /** Decides about the approvals of this thread. Default: that of {@link ThreadsOptions}. */
  readonly approve?: Approve | undefined;
  /** Gives up waiting for the thread to be opened. It has no effect afterwards: runs have signals of their own. */
  readonly signal?: AbortSignal | undefined;
}

/** Threads of one app-server. */
export interface Threads {
  /** Open a new one: `threads.start({ cwd })`. */
  start(params?: ThreadStartParams & ThreadOptions): Promise<OpenThread>;
  /** Open one that the server has on its disk or in its memory. What ran there goes on. */
  resume(threadId: string, params?: Omit<ThreadResumeParams, "threadId"> & ThreadOptions): Promise<OpenThread>;
  /** Open a copy of one, which goes its own way. */
  fork(threadId: string, params?: Omit<ThreadForkParams, "threadId"> & ThreadOptions): Promise<OpenThread>;
  /**
   * What the server has, newest first, read page by page as the loop goes on. `limit` is the size of a page; servers before 0.169 lose threads
   * at the ends of pages that began within the same second.
   */
  list(params?: Omit<ThreadListParams, "cursor">): AsyncIterableIterator<Thread>;
  /**
   * What a client has to answer servers with, so that approvals reach the callbacks: its own handlers, and in front of those for approvals
   * and elicitations the callbacks. Where neither decides, nothing is allowed: the answer is `decline`.
   *
   * @param others - The client's own. Default: none.
   */
  handlers<Context extends ApprovalContext>(
    others?: AppServerCallbackHandlers<Context>,
  ): AppServerCallbackHandlers<Context>;
}

/** Threads over a typed client and what is told of its connection. */
export function createThreads(client: AppServerClient, options: ThreadsOptions): Threads {
  const desk = new ApprovalDesk(options.approve);
  const feed = new TurnFeed(client, options);
  const limits = { ...RUN_LIMITS, ...options.limits };

  function opened(
    { thread, ...settings }: OpenedThread & { readonly thread: Thread },
    approve: Approve | undefined,
    registration: Registration = desk.register(thread.id, approve),
  ): OpenThread {
    const threadId = thread.id;
    const close = async (): Promise<void> => {
      await Promise.all([...registration.runs].map((run) => run.interrupt()));
      registration.forget();
      // Without a connection there is nothing to unsubscribe from.
      await client.thread.unsubscribe({ threadId }, { timeoutMs: limits.interruptTimeoutMs }).catch(() => {});
    };
    return {
      id: threadId,
      info: thread,
      settings,
      run(input: RunInput, runOptions: RunOptions = {}): Run {
        const run = new TurnRun({ client, feed, threadId, limits, after: options.after }, input, runOptions);
        registration.begin(run);
        return run;
      },
      close,
      [Symbol.asyncDispose]: close,
    };
  }

  return {
    handlers: (others = {}) => desk.handlers(others),
    async start({ approve, signal, ...params } = {}) {
      return opened(await client.thread.start(params, { signal }), approve);
    },
    async resume(threadId, { approve, signal, ...params } = {}) {
      // What waits for approval there is asked again right behind the answer.
      const registration = desk.register(threadId, approve);
      try {
        return opened(await client.thread.resume({ ...params, threadId }, { signal }), approve, registration);
      } catch (error) {
        registration.forget();
        throw error;
      }
    },
    async fork(threadId, { approve, signal, ...params } = {}) {
      return opened(await client.thread.fork({ ...params, threadId }, { signal }), approve);
    },
    async *list(params = {}) {
      for (let cursor: string | null = null; ; ) {
        const page: { data: Thread[]; nextCursor?: string | null } = await client.thread.list({ ...params, cursor });
        yield* page.data;
        if (page.nextCursor === undefined || page.nextCursor === null) return;
        if (page.nextCursor === cursor)
          throw new Error("thread/list gave the same cursor again: its pages have no end");
        cursor = page.nextCursor;
      }
    },
  };
}
