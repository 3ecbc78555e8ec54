import type { HostServices } from "../host-services.ts";
import type { ThreadsContext } from "./threads-context.ts";

/**
 * Tell the clients of threads that an environment which a thread works in was lost, once it could not be had back, and that it is there again. A connection that is being
 * had back is a pause, and not told of.
 *
 * @returns What ends that.
 */
export function environmentNotices(
  { environments }: Pick<HostServices, "environments">,
  { store, subscriptions }: Pick<ThreadsContext, "store" | "subscriptions">,
): Disposable {
  const lost = new Set<string>();
  const tell = (
    name: "thread/environment/connected" | "thread/environment/disconnected",
    environmentId: string,
  ): void => {
    for (const { id: threadId, settings } of store.loaded) {
      if (!settings.environments.some((each) => each.environmentId === environmentId)) continue;
      subscriptions.audienceOf(threadId).notify(name, { threadId, environmentId });
    }
  };
  return environments.subscribe(({ environmentId, status }) => {
    if (status.state === "ready" && lost.delete(environmentId)) tell("thread/environment/connected", environmentId);
    const isLost = status.state === "disconnected" || status.state === "failed";
    if (!isLost || lost.has(environmentId)) return;
    lost.add(environmentId);
    tell("thread/environment/disconnected", environmentId);
  });
}
