import { notFound } from "../../agent/threads/refusals.ts";
import type { Thread } from "../../agent/threads/thread.ts";
import { readThreadId } from "../../agent/threads/thread-id.ts";
import type { ThreadStore } from "../../agent/threads/thread-store.ts";
import type { HostServices } from "../host-services.ts";
import type { Subscriptions } from "./subscriptions.ts";

/** What the methods about threads have in common. */
export interface ThreadsContext {
  readonly services: HostServices;
  readonly store: ThreadStore;
  readonly subscriptions: Subscriptions;
}

/** A thread that is loaded. @throws RpcFault - It is not. */
export function loadedThread({ store }: ThreadsContext, id: string): Thread {
  const threadId = readThreadId(id);
  const thread = store.get(threadId);
  if (thread === undefined) throw notFound(threadId);
  return thread;
}
