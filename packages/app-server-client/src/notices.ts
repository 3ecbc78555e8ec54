import type { ServerNotices } from "@holdfast/app-server-protocol";
import type { NoticeMetadata } from "@holdfast/app-server-protocol/client";
import { Fifo, Gate } from "@holdfast/rpc";
import { NOTICES_WAITING } from "./limits.ts";

/** A notice of one of these methods. */
export type Notice<Method extends keyof ServerNotices> = {
  readonly [Each in Method]: {
    readonly method: Each;
    readonly params: ServerNotices[Each];
    /** When the server made it, in milliseconds since 1970. Undefined: servers before 0.169 do not say. */
    readonly emittedAtMs: number | undefined;
  };
}[Method];

/** What a reader of notices needs from its client. */
export interface NoticeSource<Method extends keyof ServerNotices> {
  readonly methods: readonly Method[];
  subscribe(method: Method, take: (params: unknown, metadata: NoticeMetadata) => void): () => void;
  hold(): Disposable;
  /** Resolves when no more will come. */
  readonly closed: Promise<unknown>;
}

/**
 * Notices in the order in which they came, from its making on, kept until they are taken: none is lost, however slowly that is. While 256 or
 * more wait, the connection is held, and the server feels it. It ends with the client; leaving the loop ends it, too. It goes on over a reconnect: what is
 * missing then is told by `onConnection` alone.
 */
export class NoticeReader<Method extends keyof ServerNotices>
  implements AsyncIterableIterator<Notice<Method>, void, void>, AsyncDisposable
{
  readonly #queue = new Fifo<Notice<Method>>();
  readonly #news = new Gate();
  readonly #source: NoticeSource<Method>;
  readonly #stops: readonly (() => void)[];
  #hold: Disposable | undefined;
  #isOver = false;

  constructor(source: NoticeSource<Method>) {
    this.#source = source;
    this.#stops = source.methods.map((method) =>
      source.subscribe(method, (params, { emittedAtMs }) => {
        this.#add({ method, params, emittedAtMs } as Notice<Method>);
      }),
    );
    void source.closed.then(() => this.#end());
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Notice<Method>, void>> {
    for (;;) {
      const value = this.#queue.shift();
      if (value !== undefined) {
        if (this.#queue.length <= NOTICES_WAITING.low) this.#release();
        return { done: false, value };
      }
      if (this.#isOver) return { done: true, value: undefined };
      await this.#news.wait();
    }
  }

  /** Stop; what waits is dropped. */
  async return(): Promise<IteratorResult<Notice<Method>, void>> {
    this.#queue.clear();
    this.#end();
    return { done: true, value: undefined };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #add(notice: Notice<Method>): void {
    this.#queue.push(notice);
    if (this.#queue.length >= NOTICES_WAITING.high) this.#hold ??= this.#source.hold();
    this.#news.open();
  }

  #end(): void {
    this.#isOver = true;
    for (const stop of this.#stops) stop();
    this.#release();
    this.#news.open();
  }

  #release(): void {
    this.#hold?.[Symbol.dispose]();
    this.#hold = undefined;
  }
}
