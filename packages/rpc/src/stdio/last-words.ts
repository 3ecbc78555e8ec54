import { systemClock, type Timer } from "../clock.ts";

const LOOK_MS = 100;
const QUIET_LOOKS = 2;
const LOOKS_MAX = 8;

/**
 * The wait for what a far end that takes nothing any more said before it ended.
 *
 * It looks again and again rather than once: between two looks the pipe is read, however late the first came. Looks while
 * nobody reads do not count. It is over when nothing was heard between two looks, or with the eighth: a far end that
 * speaks on and hears nothing is a broken line all the same.
 */
export class LastWords {
  readonly #isRead: () => boolean;
  readonly #onOver: () => void;
  #timer: Timer;
  #looks = 0;
  #quiet = 0;

  constructor(isRead: () => boolean, onOver: () => void) {
    this.#isRead = isRead;
    this.#onOver = onOver;
    this.#timer = systemClock.after(LOOK_MS, this.#look);
  }

  /** Something was said. */
  heard(): void {
    this.#quiet = 0;
  }

  cancel(): void {
    this.#timer.cancel();
  }

  readonly #look = (): void => {
    if (this.#isRead()) {
      this.#looks += 1;
      this.#quiet += 1;
    } else {
      this.#quiet = 0;
    }
    if (this.#quiet === QUIET_LOOKS || this.#looks === LOOKS_MAX) this.#onOver();
    else this.#timer = systemClock.after(LOOK_MS, this.#look);
  };
}
