import type { Clock } from "@holdfast/rpc";
import type { ManagedProcess, ProcessSnapshot } from "./managed-process.ts";

/** One read: what after, how much, how long to wait for news. */
export interface ReadRequest {
  readonly afterSeq: number;
  /** Bytes of output at most; no bound when absent. */
  readonly maxBytes: number | undefined;
  /** Milliseconds to wait when there is nothing to tell yet. */
  readonly waitMs: number;
}

/** A wait for news of any kind. */
export interface Wait<T> {
  /** Call `changed` when there is news, until the returned function is called. */
  watch(changed: () => void): () => void;
  readonly waitMs: number;
  /** How it is then. */
  answer(): T;
}

/** The longest delay that a timer takes. A poll that asks for more is answered at this point with what is known. */
const MAX_WAIT_MS = 2 ** 31 - 1;

/**
 * The calls of one connection that wait for news.
 *
 * Bounded: one poll too many answers the oldest right away with the state as it is, which is what a shorter wait
 * would have answered.
 */
export class LongPolls {
  readonly #delay: Pick<Clock, "after">;
  readonly #maxWaiting: number;
  readonly #waiting = new Set<() => void>();

  constructor(delay: Pick<Clock, "after">, maxWaiting: number) {
    this.#delay = delay;
    this.#maxWaiting = maxWaiting;
  }

  get size(): number {
    return this.#waiting.size;
  }

  read(process: ManagedProcess, request: ReadRequest): ProcessSnapshot | Promise<ProcessSnapshot> {
    const { afterSeq, maxBytes, waitMs } = request;
    if (waitMs <= 0 || process.hasNews(afterSeq)) return process.read(afterSeq, maxBytes);
    // Every event is news: output and close by themselves, an exit because it has a number of its own.
    const watch = (changed: () => void) => process.watch(changed);
    return this.wait({ watch, waitMs, answer: () => process.read(afterSeq, maxBytes) });
  }

  wait<T>({ watch, waitMs, answer }: Wait<T | Promise<T>>): Promise<T> {
    return new Promise((resolve) => {
      const settle = () => {
        if (!this.#waiting.delete(settle)) return;
        unwatch();
        timer.cancel();
        resolve(answer());
      };
      const unwatch = watch(settle);
      const timer = this.#delay.after(Math.min(waitMs, MAX_WAIT_MS), settle);
      this.#waiting.add(settle);
      this.#makeRoom();
    });
  }

  /** Answer everything now: the connection or the executor goes. */
  releaseAll(): void {
    for (const answer of [...this.#waiting]) answer();
  }

  #makeRoom(): void {
    if (this.#waiting.size <= this.#maxWaiting) return;
    const [oldest] = this.#waiting;
    oldest?.();
  }
}
