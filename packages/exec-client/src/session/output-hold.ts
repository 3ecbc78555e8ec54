import { type Clock, isLinkError } from "@holdfast/rpc";
import { HOLD_RETRY_MS } from "../limits.ts";

/** Keeps the executor told whether the output of one process is to be held back. */
export class OutputHold {
  readonly #tell: (isHeld: boolean) => Promise<unknown>;
  readonly #clock: Pick<Clock, "after">;
  #isWanted = false;
  /** What the executor knows. Undefined: it may have heard of a change, or not. */
  #isTold: boolean | undefined = false;
  #state: "idle" | "telling" = "idle";

  /** @param tell - Resolves when the executor knows, on this connection or a later one. */
  constructor(tell: (isHeld: boolean) => Promise<unknown>, clock: Pick<Clock, "after">) {
    this.#tell = tell;
    this.#clock = clock;
  }

  /** Hold it, or let it go on. */
  set(isHeld: boolean): void {
    this.#isWanted = isHeld;
    void this.#update();
  }

  /** The session was resumed on a new connection: on the executor it begins without holds. */
  resumed(): void {
    this.#isTold = false;
    void this.#update();
  }

  /** One question at a time: the order in which an executor takes two is not known. */
  async #update(): Promise<void> {
    if (this.#state === "telling") return;
    this.#state = "telling";
    while (this.#isTold !== this.#isWanted) {
      const isHeld = this.#isWanted;
      try {
        await this.#tell(isHeld);
      } catch (error) {
        if (!mayBeToldLater(error)) break;
        this.#isTold = undefined;
        await this.#pause();
        continue;
      }
      this.#isTold = isHeld;
    }
    this.#state = "idle";
  }

  #pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#clock.after(HOLD_RETRY_MS, resolve);
    return promise;
  }
}

/**
 * A release that gets lost would hold the process for ever. When the process or the session is over, so is the hold: then the executor
 * refuses, or the connection is gone for good.
 */
function mayBeToldLater(error: unknown): boolean {
  return isLinkError(error) && error.code !== "closed" && error.code !== "aborted";
}
