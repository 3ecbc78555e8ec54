import type { InvalidMessageError, Unsubscribe } from "@holdfast/protocol-kit";
import type { AppServerClient } from "../gen/stub-types.gen.ts";
import { type RunEvent, TURN_NOTICES } from "./run-event.ts";

/** What one run hears. */
export interface FeedListener {
  event(event: RunEvent): void;
  /** The thread is not there any more, or the connection to it. */
  gone(code: "lost" | "closed", cause: unknown): void;
  /** The end of some turn was told in a form that can not be read. It may have been that of this run. */
  unreadableEnd(cause: InvalidMessageError): void;
}

/** What a stub can not tell. */
export interface ConnectionNews {
  /**
   * Calls its listener each time the connection is lost, with the reason, until the function that it returns is called. Without it a run whose
   * server is gone would wait for ever.
   */
  readonly onLost: (listener: (cause: unknown) => void) => Unsubscribe;
  /**
   * Calls its listener with each notification that the stub dropped because its params are not what the protocol says. Default: nothing. Without it
   * a run whose end is told in such a way would wait for ever.
   */
  readonly onInvalid?: ((listener: (error: InvalidMessageError) => void) => Unsubscribe) | undefined;
  /** Calls `fire` once, in so many milliseconds, unless it is cancelled. Default: at once, so that runs wait for no late items. */
  readonly after?: ((delayMs: number, fire: () => void) => { cancel(): void }) | undefined;
}

/** Hears the notifications of a client while at least one run wants them, and gives each to the runs of its thread. */
export class TurnFeed {
  readonly #client: AppServerClient;
  readonly #news: ConnectionNews;
  readonly #listeners = new Map<string, Set<FeedListener>>();
  #subscriptions: Unsubscribe[] = [];

  constructor(client: AppServerClient, news: ConnectionNews) {
    this.#client = client;
    this.#news = news;
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
      this.#news.onLost((cause) => this.#tellAll((listener) => listener.gone("lost", cause))),
      this.#news.onInvalid?.((error) => {
        if (error.method === "turn/completed") this.#tellAll((listener) => listener.unreadableEnd(error));
      }) ?? (() => {}),
    ];
  }

  #tellAll(tell: (listener: FeedListener) => void): void {
    for (const threadId of [...this.#listeners.keys()]) this.#tell(threadId, tell);
  }

  #tell(threadId: string, tell: (listener: FeedListener) => void): void {
    for (const listener of [...(this.#listeners.get(threadId) ?? [])]) tell(listener);
  }
}
