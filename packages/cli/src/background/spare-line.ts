import type { ReadyLine } from "@holdfast/exec-client/gateway";
import type { Clock, Timer } from "@holdfast/rpc";

/** The next one is made when the command that got this one has had time to begin: it may run on the same processor. */
const REFILL_MS = 100;
const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 30_000;

export interface SpareLineOptions {
  /** Make a line ready. */
  readonly open: (signal: AbortSignal) => Promise<ReadyLine>;
  readonly clock: Clock;
}

/** Keeps one line ready. */
export class SpareLine {
  readonly #options: SpareLineOptions;
  readonly #stop = new AbortController();
  #line: ReadyLine | undefined;
  #timer: Timer | undefined;
  #retryMs = FIRST_RETRY_MS;

  constructor(options: SpareLineOptions) {
    this.#options = options;
    void this.#fill();
  }

  /** The line, if there is one: another is made. */
  take(): ReadyLine | undefined {
    const line = this.#line;
    this.#line = undefined;
    if (line === undefined) return undefined;
    this.#later(REFILL_MS);
    return line.port.isEnding === true ? undefined : line;
  }

  /** Make another one, in the place of one that may be dead. */
  renew(): void {
    const line = this.#line;
    this.#line = undefined;
    line?.port.destroy("it is replaced");
    if (line !== undefined) this.#later(0);
  }

  close(): void {
    this.#stop.abort();
    this.#timer?.cancel();
    this.#line?.port.close(NORMAL, "it is not needed any more");
  }

  async #fill(): Promise<void> {
    try {
      const line = await this.#options.open(this.#stop.signal);
      this.#retryMs = FIRST_RETRY_MS;
      if (this.#stop.signal.aborted) {
        line.port.close(NORMAL, "it is not needed any more");
        return;
      }
      this.#line = line;
      void line.lost.then(() => {
        if (this.#line !== line) return;
        this.#line = undefined;
        this.#later(FIRST_RETRY_MS);
      });
    } catch {
      this.#later(this.#retryMs);
      this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS);
    }
  }

  #later(delayMs: number): void {
    if (this.#stop.signal.aborted) return;
    this.#timer?.cancel();
    this.#timer = this.#options.clock.after(delayMs, () => void this.#fill());
  }
}

/** Websocket close code of an end without a complaint. */
const NORMAL = 1000;
