import { WATCH_QUEUE_MAX_EVENTS } from "../limits.ts";
import type { FileWatch, WatchEvent } from "./watch-types.ts";

type End = { readonly kind: "over" } | { readonly kind: "failed"; readonly error: unknown };

interface Reader {
  readonly resolve: (result: IteratorResult<WatchEvent, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

const OVER = { done: true, value: undefined } as const;

/** Events that wait for their reader. Where there are too many, one says that everything has to be looked at again. */
export class WatchQueue implements FileWatch {
  readonly ready: Promise<void>;
  readonly #begun = Promise.withResolvers<void>();
  readonly #stop: () => Promise<void>;
  #events: WatchEvent[] = [];
  #readers: Reader[] = [];
  #end: End | undefined;

  /** @param stop - Ends what fills it. Called once. Never rejects. */
  constructor(stop: () => Promise<void>) {
    this.#stop = stop;
    this.ready = this.#begun.promise;
    // Whoever reads is told as well.
    this.ready.catch(() => {});
  }

  /** It has begun. */
  begin(): void {
    this.#begun.resolve();
  }

  add(event: WatchEvent): void {
    if (this.#end !== undefined) return;
    const reader = this.#readers.shift();
    if (reader !== undefined) reader.resolve({ done: false, value: event });
    else if (this.#events.length < WATCH_QUEUE_MAX_EVENTS) this.#events.push(event);
    else this.#events = [{ type: "overflow" }];
  }

  /** Nothing more comes: readers get what is left, then the end. */
  finish(): void {
    this.#over({ kind: "over" });
  }

  fail(error: unknown): void {
    this.#over({ kind: "failed", error });
  }

  next(): Promise<IteratorResult<WatchEvent, undefined>> {
    const event = this.#events.shift();
    if (event !== undefined) return Promise.resolve({ done: false, value: event });
    if (this.#end?.kind === "over") return Promise.resolve(OVER);
    if (this.#end !== undefined) {
      const { error } = this.#end;
      // Told once, as an iterator does.
      this.#end = { kind: "over" };
      return Promise.reject(error);
    }
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
  }

  async return(): Promise<IteratorResult<WatchEvent, undefined>> {
    await this.close();
    return OVER;
  }

  async close(): Promise<void> {
    this.#events = [];
    if (this.#end === undefined) this.finish();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #over(end: End): void {
    if (this.#end !== undefined) return;
    const readers = this.#readers;
    this.#readers = [];
    this.#end = readers.length > 0 ? { kind: "over" } : end;
    for (const [index, { resolve, reject }] of readers.entries()) {
      if (end.kind === "failed" && index === 0) reject(end.error);
      else resolve(OVER);
    }
    if (end.kind === "failed") this.#begun.reject(end.error);
    else this.#begun.resolve();
    void this.#stop();
  }
}
