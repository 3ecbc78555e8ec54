type Handler = (params: unknown, metadata: unknown) => void;

/** A notice as it came, with what its envelope says beside the params, where the API has something. */
export interface ReceivedNotice {
  readonly method: string;
  readonly params: unknown;
  readonly metadata?: unknown;
}

/** Handlers of notices by method, called in the order they were added. */
export class Subscriptions {
  readonly #handlers = new Map<string, readonly Handler[]>();

  /** The same function may be added twice; each addition is stopped on its own. */
  add(method: string, handler: (params: unknown, metadata?: unknown) => void): () => void {
    // Copied on write, so that a handler may stop itself or another while a notice is being delivered.
    const entry: Handler = (params, metadata) => handler(params, metadata);
    this.#handlers.set(method, [...(this.#handlers.get(method) ?? []), entry]);
    return () => this.#remove(method, entry);
  }

  deliver({ method, params, metadata }: ReceivedNotice, onThrow: (error: unknown) => void): void {
    const handlers = this.#handlers.get(method);
    if (handlers === undefined) return;
    for (const handler of handlers) {
      try {
        handler(params, metadata);
      } catch (error) {
        onThrow(error);
      }
    }
  }

  #remove(method: string, entry: Handler): void {
    const rest = (this.#handlers.get(method) ?? []).filter((handler) => handler !== entry);
    if (rest.length === 0) this.#handlers.delete(method);
    else this.#handlers.set(method, rest);
  }
}
