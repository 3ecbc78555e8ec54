/** What a watchdog looks at. */
export interface Progress {
  /** Another one each time something has happened. */
  readonly mark: string;
  /** What waits for what. */
  dump(): string;
}

/** Ends a wait when nothing happens any more. */
export class Watchdog implements Disposable {
  readonly #timer: NodeJS.Timeout;
  readonly #barked = Promise.withResolvers<never>();

  constructor(silenceMs: number, look: () => Progress) {
    let mark = "";
    let changedAtMs = performance.now();
    this.#barked.promise.catch(() => {});
    this.#timer = setInterval(
      () => {
        const progress = look();
        if (progress.mark !== mark) {
          mark = progress.mark;
          changedAtMs = performance.now();
        } else if (performance.now() - changedAtMs > silenceMs) {
          this.#barked.reject(new Error(`nothing happened for ${silenceMs} ms:\n  ${progress.dump()}`));
        }
      },
      Math.ceil(silenceMs / 10),
    );
  }

  /** As `work`; rejects when nothing happens for too long. */
  guard<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#barked.promise]);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
