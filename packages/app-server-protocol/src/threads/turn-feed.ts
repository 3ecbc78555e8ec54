import type { Unsubscribe } from "@holdfast/protocol-kit";
import type { AppServerClient } from "../gen/stub-types.gen.ts";
import { type RunEvent, TURN_NOTICES } from "./run-event.ts";

/** What one run hears. */
export interface FeedListener {
  event(event: RunEvent): void;
  /** The thread is not there any more, or the connection to it. */
  gone(code: "lost" | "closed", cause: unknown): void;
}

/** Hears the notifications of a client while at least one run wants them, and gives each to the runs of its thread. */
export class TurnFeed {
  readonly #client: AppServerClient;
  readonly #onLost: (listener: (cause: unknown) => void) => Unsubscribe;
  readonly #listeners = new Map<string, Set<FeedListener>>();
  #subscriptions: Unsubscribe[] = [];

  constructor(client: AppServerClient, onLost: (listener: (cause: unknown) => void) => Unsubscribe) {
    this.#client = client;
    this.#onLost = onLost;
  }

  /** Until the function that it returns is called. */
  listen(threadId: string, listener: FeedListener): Unsubscribe {
    const own = this.#listeners.get(threadId) ?? new Set();
    if (this.#listeners.size === 0) this.#subscribe();
    this.#listeners.set(threadId, own.add(listener));
    return () => {
      if (!own.delete(listener) || own.size > 0) return;
      this.#listeners.delete(threadId);
      if (this.#listeners.size === 0) for (const unsubscribe of this.#subscriptions.splice(0)) unsubscribe();
    };
  }

  #subscribe(): void {
    const client = this.#client;
    this.#subscriptions = [
      ...TURN_NOTICES.map((method) =>
        client.on(method, (params: RunEvent["params"], { emittedAtMs }) => {
          const event = { method, params, emittedAtMs } as RunEvent;
          this.#tell(params.threadId, (listener) => listener.event(event));
        }),
      ),
      ...(["thread/closed", "thread/deleted"] as const).map((method) =>
        client.on(method, ({ threadId }) =>
          this.#tell(threadId, (listener) => listener.gone("closed", `the server sent ${method}`)),
        ),
      ),
      this.#onLost((cause) => {
        for (const threadId of [...this.#listeners.keys()]) {
          this.#tell(threadId, (listener) => listener.gone("lost", cause));
        }
      }),
    ];
  }

  #tell(threadId: string, tell: (listener: FeedListener) => void): void {
    for (const listener of [...(this.#listeners.get(threadId) ?? [])]) tell(listener);
  }
}
