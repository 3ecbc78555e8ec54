import { noRollout, refused } from "../../agent/threads/refusals.ts";
import { storedView, storedWords } from "../../agent/threads/stored-view.ts";
import { readThreadId } from "../../agent/threads/thread-id.ts";
import type { Room } from "../room.ts";
import type { ThreadsContext } from "./threads-context.ts";

/** Give threads names, put them away, and bring them back. */
export function keepingMethods(context: ThreadsContext): Room["handlers"] {
  const { store, subscriptions, services } = context;
  return {
    "thread/name/set": async ({ threadId: id, name: wanted }, call) => {
      const threadId = readThreadId(id);
      const name = wanted.trim();
      if (name === "") throw refused("thread name must not be empty");
      const thread = store.get(threadId);
      if (thread === undefined && (await store.files.find(threadId, false)) === undefined) throw noRollout(threadId);
      if (thread !== undefined) thread.name = name;
      if (thread?.isEphemeral !== true) await store.names.set(threadId, name);
      call.afterAnswer(() => services.clients.notifyAll("thread/name/updated", { threadId, threadName: name }));
      return {};
    },

    "thread/unsubscribe": ({ threadId: id }, { client }) => {
      const threadId = readThreadId(id);
      if (store.get(threadId) === undefined) return { status: "notLoaded" };
      const did = subscriptions.remove(threadId, client);
      store.reconsider(threadId);
      return { status: did ? "unsubscribed" : "notSubscribed" };
    },

    "thread/archive": async ({ threadId: id }, call) => {
      const threadId = readThreadId(id, "session");
      const path = await store.files.find(threadId, false);
      if (path === undefined && store.get(threadId) === undefined) throw noRollout(threadId);
      await store.unload(threadId);
      using _ = store.lock(threadId);
      if (path !== undefined) await store.files.archive(path);
      call.afterAnswer(() => services.clients.notifyAll("thread/archived", { threadId }));
      return {};
    },

    "thread/unarchive": async ({ threadId: id }, call) => {
      const threadId = readThreadId(id, "session");
      const path = await store.files.find(threadId, true);
      if (path === undefined) throw refused(`no archived rollout found for thread id ${threadId}`);
      const thread = await storedView(store, await store.files.unarchive(path), await storedWords(store));
      if (thread === undefined) throw noRollout(threadId);
      call.afterAnswer(() => services.clients.notifyAll("thread/unarchived", { threadId }));
      return { thread };
    },

    "thread/delete": async ({ threadId: id }, call) => {
      const threadId = readThreadId(id);
      const path = await store.files.findAnywhere(threadId);
      if (path === undefined && store.get(threadId) === undefined) throw noRollout(threadId);
      await checkNoForks(context, threadId);
      await store.unload(threadId);
      using _ = store.lock(threadId);
      if (path !== undefined) await store.files.remove(path);
      await store.marks.forget(threadId);
      call.afterAnswer(() => services.clients.notifyAll("thread/deleted", { threadId }));
      return {};
    },
  };
}

/** Forks of other programs refer to what they began with. */
async function checkNoForks({ store }: ThreadsContext, threadId: string): Promise<void> {
  for (const isArchived of [false, true]) {
    for (const { path } of await store.files.list(isArchived)) {
      const head = await store.files.head(path);
      if (head?.meta.historyBase?.threadId === threadId) {
        throw refused(`cannot delete thread ${threadId}: forked history still references it`);
      }
    }
  }
}
