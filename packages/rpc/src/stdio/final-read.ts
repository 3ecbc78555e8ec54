import { systemClock, type Timer } from "../clock.ts";

const LOOK_MS = 100;
const QUIET_LOOKS = 2;
const LOOKS_MAX = 8;

/**
 * Waits for the last output of a far end whose input is closed.
 *
 * It checks repeatedly rather than once: between two checks the pipe is read, however late the first came. Checks while
 * reading is paused do not count. It is over when nothing arrived between two checks, or with the eighth: a far end that
 * keeps sending and reads nothing is a broken connection all the same.
 */
export class FinalRead {
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
