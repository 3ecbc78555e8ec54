import { ThreadStore } from "../../agent/threads/thread-store.ts";
import type { OpenThreadRuntime } from "../../agent/turn/thread-runtime.ts";
import type { HostServices } from "../host-services.ts";
import type { Room } from "../room.ts";
import { environmentNotices } from "./environment-notices.ts";
import { historyMethods } from "./history-methods.ts";
import { keepingMethods } from "./keeping-methods.ts";
import { markingMethods } from "./marking-methods.ts";
import { openingMethods } from "./opening-methods.ts";
import { Subscriptions } from "./subscriptions.ts";
import type { ThreadsContext } from "./threads-context.ts";
import { turnMethods } from "./turn-methods.ts";

/** Threads and their turns. @param openRuntime - How turns are run. */
export function threadsRoom(services: HostServices, openRuntime: OpenThreadRuntime): Room {
  const { environments, config, mcp, codexHome: home, cwd, version, clock } = services;
  const subscriptions = new Subscriptions(services);
  const store = new ThreadStore({
    home,
    cwd,
    config,
    environments,
    mcp,
    openRuntime,
    clock,
    version,
    audienceOf: (threadId) => subscriptions.audienceOf(threadId),
    isWatched: (threadId) => subscriptions.has(threadId),
    onUnload: (threadId) => subscriptions.forget(threadId),
  });
  const context: ThreadsContext = { services, store, subscriptions };
  const notices = environmentNotices(services, context);
  return {
    handlers: {
      ...openingMethods(context),
      ...turnMethods(context),
      ...historyMethods(context),
      ...keepingMethods(context),
      ...markingMethods(context),
    },
    left(client) {
      for (const threadId of subscriptions.removeAll(client)) store.reconsider(threadId);
    },
    close() {
      notices[Symbol.dispose]();
      return store[Symbol.asyncDispose]();
    },
  };
}
