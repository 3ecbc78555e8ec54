import type { FsWatchParams } from "@holdfast/app-server-protocol";
import type { AppServerClient, CallOptions } from "@holdfast/app-server-protocol/client";
import { isObject } from "@holdfast/protocol-kit";
import { isLinkError, isRemoteError } from "@holdfast/rpc";
import type { ThreadAfterReconnect, WatchAfterReconnect } from "../connection-event.ts";
import { RESUBSCRIBE_CONCURRENCY } from "../limits.ts";
import { LostThreadError } from "../lost-thread-error.ts";

/** What was received on a connection that is gone, and is or is not on the next. */
export interface Resubscribed {
  readonly threads: readonly ThreadAfterReconnect[];
  readonly watches: readonly WatchAfterReconnect[];
  readonly endedProcesses: readonly string[];
}

/** What opens a thread for this connection, from then on. */
const SUBSCRIBING: ReadonlySet<string> = new Set(["thread/start", "thread/resume", "thread/fork"]);
/** What a thread does for a while, and tells by notices. */
const GOING_ON: ReadonlySet<string> = new Set([
  "turn/start",
  "review/start",
  "thread/compact/start",
  "thread/shellCommand",
]);
/** What ends a thread for everybody. */
const ENDING: ReadonlySet<string> = new Set(["thread/closed", "thread/deleted", "thread/archived"]);

/** What this client receives because it asked for it on its connection: seen in its calls, to be asked for again on another one. */
export class AskedFor {
  readonly #threads = new Set<string>();
  /** Why they are not received any more, by the id. */
  readonly #lostThreads = new Map<string, Error>();
  /** Params of `fs/watch` by the id. */
  readonly #watches = new Map<string, FsWatchParams>();
  readonly #processes = new Set<string>();

  /** Why a call would be waited for in vain; undefined for any other. */
  refusalOf(method: string, params: unknown): LostThreadError | undefined {
    if (this.#lostThreads.size === 0 || !GOING_ON.has(method)) return undefined;
    const threadId = textIn(params, "threadId") ?? "";
    const cause = this.#lostThreads.get(threadId);
    return cause === undefined ? undefined : new LostThreadError(method, threadId, cause);
  }

  /** A call was answered. */
  answered(method: string, params: unknown, result: unknown): void {
    if (SUBSCRIBING.has(method)) this.#opened(isObject(result) ? textIn(result.thread, "id") : undefined);
    else if (method === "thread/unsubscribe") remove(this.#threads, textIn(params, "threadId"));
    else if (method === "fs/watch") {
      const watchId = textIn(params, "watchId");
      if (watchId !== undefined) this.#watches.set(watchId, params as FsWatchParams);
    } else if (method === "fs/unwatch") remove(this.#watches, textIn(params, "watchId"));
    else if (method === "process/spawn") add(this.#processes, textIn(params, "processHandle"));
  }

  /** A notice came. */
  heard(method: string, params: unknown): void {
    if (ENDING.has(method)) remove(this.#threads, textIn(params, "threadId"));
    else if (method === "process/exited") remove(this.#processes, textIn(params, "processHandle"));
  }

  /**
   * Ask for all of it on a new connection. What is refused is not received any more.
   *
   * @throws LinkError `closed` - The new connection is gone, too.
   */
  async askAgain({ thread, fs }: AppServerClient, options: CallOptions): Promise<Resubscribed> {
    const threads = await each([...this.#threads], async (threadId): Promise<ThreadAfterReconnect> => {
      const resumed = await settled(thread.resume({ threadId }, options));
      if ("error" in resumed) return { threadId, outcome: "lost", error: resumed.error };
      return { threadId, outcome: "resumed", resumed: resumed.value };
    });
    const watches = await each([...this.#watches], async ([watchId, params]): Promise<WatchAfterReconnect> => {
      const watched = await settled(fs.watch(params, options));
      return "error" in watched ? { watchId, outcome: "lost", error: watched.error } : { watchId, outcome: "watching" };
    });
    return { threads, watches, endedProcesses: [...this.#processes] };
  }

  /** The new connection is the one in use from now on. */
  installed({ threads, watches, endedProcesses }: Resubscribed): void {
    for (const thread of threads) {
      if (thread.outcome === "lost") this.#lostThreads.set(thread.threadId, thread.error);
      else this.#lostThreads.delete(thread.threadId);
      if (isRefused(thread)) this.#threads.delete(thread.threadId);
    }
    for (const watch of watches) if (isRefused(watch)) this.#watches.delete(watch.watchId);
    for (const handle of endedProcesses) this.#processes.delete(handle);
  }

  #opened(threadId: string | undefined): void {
    if (threadId === undefined) return;
    this.#threads.add(threadId);
    this.#lostThreads.delete(threadId);
  }
}

/** Whether the server does not have it any more; one that gave no answer, or none that can be read, may. */
function isRefused(after: ThreadAfterReconnect | WatchAfterReconnect): boolean {
  return after.outcome === "lost" && isRemoteError(after.error);
}

/** @throws LinkError `closed` */
async function settled<Value>(answer: Promise<Value>): Promise<{ readonly value: Value } | { readonly error: Error }> {
  try {
    return { value: await answer };
  } catch (error) {
    if (isLinkError(error) && (error.code === "closed" || error.code === "aborted")) throw error;
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }
}

/** In their order, some at a time. */
async function each<Item, Result>(
  items: readonly Item[],
  run: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (let at = 0; at < items.length; at += RESUBSCRIBE_CONCURRENCY) {
    results.push(...(await Promise.all(items.slice(at, at + RESUBSCRIBE_CONCURRENCY).map(run))));
  }
  return results;
}

function textIn(value: unknown, member: string): string | undefined {
  const text = isObject(value) ? value[member] : undefined;
  return typeof text === "string" ? text : undefined;
}

function add(to: Set<string>, name: string | undefined): void {
  if (name !== undefined) to.add(name);
}

function remove(from: { delete(name: string): unknown }, name: string | undefined): void {
  if (name !== undefined) from.delete(name);
}
