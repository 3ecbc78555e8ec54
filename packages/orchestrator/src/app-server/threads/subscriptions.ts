import type { ThreadAudience } from "../../agent/threads/thread-audience.ts";
import type { HostClient } from "../host-client.ts";
import type { HostServices } from "../host-services.ts";

/** Which clients listen to which threads. */
export class Subscriptions {
  readonly #services: Pick<HostServices, "clients" | "questions">;
  readonly #byThread = new Map<string, Set<HostClient>>();

  constructor(services: Pick<HostServices, "clients" | "questions">) {
    this.#services = services;
  }

  /** Those that listen to a thread. */
  of(threadId: string): readonly HostClient[] {
    return [...(this.#byThread.get(threadId) ?? [])];
  }

  has(threadId: string): boolean {
    return this.#byThread.has(threadId);
  }

  add(threadId: string, client: HostClient): void {
    const clients = this.#byThread.get(threadId) ?? new Set();
    this.#byThread.set(threadId, clients.add(client));
  }

  /** @returns whether it did listen. */
  remove(threadId: string, client: HostClient): boolean {
    const clients = this.#byThread.get(threadId);
    if (clients?.delete(client) !== true) return false;
    if (clients.size === 0) this.#byThread.delete(threadId);
    return true;
  }

  /** A client is gone. @returns the threads that it listened to. */
  removeAll(client: HostClient): readonly string[] {
    return [...this.#byThread.keys()].filter((threadId) => this.remove(threadId, client));
  }

  /** Nobody listens to a thread that is not loaded. */
  forget(threadId: string): void {
    this.#byThread.delete(threadId);
  }

  /** Who hears of a thread. */
  audienceOf(threadId: string): ThreadAudience {
    const { clients, questions } = this.#services;
    const audience = { threadId, clients: () => this.of(threadId) };
    return {
      notify: (name, params) => {
        for (const client of this.#byThread.get(threadId) ?? []) client.notify(name, params);
      },
      notifyAll: (name, params) => clients.notifyAll(name, params),
      ask: (name, params, signal) => questions.ask(name, params, audience, signal),
    };
  }
}
