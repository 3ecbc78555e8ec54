import type { Clock } from "@holdfast/rpc";

/**
 * How often, and after what pause, the event loop has to come around after the end of a command before it no longer counts. What
 * confined it was told to end the last of its processes, and what they sent may still wait to be read by this process: a
 * span of time alone would pass while this process stands still.
 */
const LINGER_STEPS = 10;
const STEP_MS = 1_000;

/** The confined commands of this executor that can reach its listener: they share its network, or it passes on for them. */
export class NetworkedCommands {
  readonly #delay: Pick<Clock, "after">;
  #live = 0;
  #stepsLeft = 0;
  #timer: { cancel(): void } | undefined;

  constructor(delay: Pick<Clock, "after">) {
    this.#delay = delay;
  }

  /** Whether something of one may still be running, or under way to the listener. */
  get mayAct(): boolean {
    return this.#live > 0 || this.#stepsLeft > 0;
  }

  /** One is about to be started. @returns what is to be called when it has ended; more than once does no harm. */
  begin(): () => void {
    this.#live += 1;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#live -= 1;
      this.#stepsLeft = LINGER_STEPS;
      this.#timer ??= this.#delay.after(STEP_MS, this.#step);
    };
  }

  readonly #step = (): void => {
    this.#stepsLeft -= 1;
    this.#timer = this.#stepsLeft > 0 ? this.#delay.after(STEP_MS, this.#step) : undefined;
  };
}
