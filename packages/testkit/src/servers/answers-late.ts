import type { Handlers } from "./fake-exec-server.ts";

/** A server whose answers to one method come only when they are let go. */
export interface LateServer {
  readonly handlers: Handlers;
  /** Send the answers that are owed, now, however long nobody has waited for them. */
  release(): void;
}

export function answersLate(method: string, answer: () => unknown): LateServer {
  const released = Promise.withResolvers<void>();
  const handler = async (): Promise<unknown> => {
    await released.promise;
    return answer();
  };
  return { handlers: { [method]: handler }, release: () => released.resolve() };
}
