import { abortedBy, type Clock, LinkError } from "@holdfast/rpc";

/** The connection that open files belong to. */
export interface HandleLine {
  /** Resolves when it is of no more use. */
  readonly lost: Promise<unknown>;
}

/** For how long to wait for a place. */
export interface PlaceWait {
  readonly signal: AbortSignal | undefined;
  /** Milliseconds; undefined for no limit. */
  readonly timeoutMs: number | undefined;
}

const METHOD = "fs/open";

/** The files that may be open on one connection at a time: one more waits until another is closed, in order. */
export class HandlePlaces {
  readonly #clock: Clock;
  readonly #max: number;
  /** Each lets one who waits go on: with a place, or without one when the connection is lost. */
  readonly #waiting = new Set<(isFree: boolean) => void>();
  #taken = 0;

  constructor(line: HandleLine, { clock, max }: { readonly clock: Clock; readonly max: number }) {
    this.#clock = clock;
    this.#max = max;
    void line.lost.then(() => {
      for (const goOn of [...this.#waiting]) goOn(false);
    });
  }

  /**
   * Take a place.
   *
   * @returns What gives it back, once; undefined when the connection was lost meanwhile.
   * @throws LinkError `aborted` or `timeout`, delivery `not-sent`.
   */
  async take(wait: PlaceWait): Promise<(() => void) | undefined> {
    if (this.#taken >= this.#max) {
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

  #wait({ signal, timeoutMs }: PlaceWait): Promise<boolean> {
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
      if (signal !== undefined) reject(abortedBy(signal, METHOD, { delivery: "not-sent", method: METHOD }));
    };
    const onTimeout = (): void => {
      leave();
      const message = `${METHOD} waited for one of ${this.#max} open files to be closed longer than ${Math.ceil(timeoutMs ?? 0)} ms`;
      reject(new LinkError("timeout", message, { delivery: "not-sent", method: METHOD }));
    };
    const timer = timeoutMs === undefined ? undefined : this.#clock.after(timeoutMs, onTimeout);
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#waiting.add(goOn);
    return promise;
  }
}
