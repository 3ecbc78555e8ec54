import { abortedBy, type Clock, LinkError } from "@holdfast/rpc";

/** What there may be so many of. */
export interface PlacesOptions {
  readonly clock: Clock;
  readonly max: number;
  /** The call that takes a place. */
  readonly method: string;
  /** What is waited for, in words: `one of 128 open files to be closed`. */
  readonly waitsFor: string;
  /** Resolves when there are no places any more. Default: there always are. */
  readonly lost?: Promise<unknown> | undefined;
}

/** For how long to wait for a place. */
export interface PlaceWait {
  readonly signal: AbortSignal | undefined;
  /** Milliseconds; undefined for no limit. */
  readonly timeoutMs: number | undefined;
}

/** So many things that may be at a time: one more waits until another is done with, in order. */
export class Places {
  readonly #options: PlacesOptions;
  /** Each lets one who waits go on: with a place, or without one when the connection is lost. */
  readonly #waiting = new Set<(isFree: boolean) => void>();
  #taken = 0;
  #isLost = false;

  constructor(options: PlacesOptions) {
    this.#options = options;
    void options.lost?.then(() => {
      this.#isLost = true;
      for (const goOn of [...this.#waiting]) goOn(false);
    });
  }

  /**
   * Take a place.
   *
   * @returns What gives it back, once; undefined when there are no places any more.
   * @throws LinkError `aborted` or `timeout`, delivery `not-sent`.
   */
  async take(wait: PlaceWait): Promise<(() => void) | undefined> {
    if (this.#taken >= this.#options.max) {
      if (!(await this.#wait(wait))) return undefined;
    } else this.#taken += 1;
    let isMine = true;
    return () => {
      if (!isMine) return;
      isMine = false;
      this.#giveBack();
    };
  }

  /** The place goes to the one who waits the longest. */
  #giveBack(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#taken -= 1;
    else next(true);
  }

  async #wait({ signal, timeoutMs }: PlaceWait): Promise<boolean> {
    const { clock, method, waitsFor } = this.#options;
    // Neither is told again to who comes later.
    if (signal?.aborted) throw abortedBy(signal, method, { delivery: "not-sent", method });
    if (this.#isLost) return false;
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    const leave = (): void => {
      this.#waiting.delete(goOn);
      timer?.cancel();
      signal?.removeEventListener("abort", onAbort);
    };
    const goOn = (isFree: boolean): void => {
      leave();
      resolve(isFree);
    };
    const onAbort = (): void => {
      leave();
      if (signal !== undefined) reject(abortedBy(signal, method, { delivery: "not-sent", method }));
    };
    const onTimeout = (): void => {
      leave();
      const message = `${method} waited for ${waitsFor} longer than ${Math.ceil(timeoutMs ?? 0)} ms`;
      reject(new LinkError("timeout", message, { delivery: "not-sent", method }));
    };
    const timer = timeoutMs === undefined ? undefined : clock.after(timeoutMs, onTimeout);
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#waiting.add(goOn);
    return promise;
  }
}
