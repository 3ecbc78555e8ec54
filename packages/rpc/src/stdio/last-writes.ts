import type { Writable } from "node:stream";
import type { Clock, Timer } from "../clock.ts";
import { writeProgress } from "../write-progress.ts";
import { STDIO_LIMITS } from "./limits.ts";

/** Waits for what is queued to be taken, for as long as some of it is: a far end that has stopped to read may never take it. */
export class LastWrites {
  readonly #output: Writable;
  readonly #clock: Clock;
  readonly #onStuck: () => void;
  #timer: Timer;

  constructor(output: Writable, clock: Clock, onStuck: () => void) {
    this.#output = output;
    this.#clock = clock;
    this.#onStuck = onStuck;
    this.#timer = this.#lookLater();
  }

  cancel(): void {
    this.#timer.cancel();
  }

  #lookLater(): Timer {
    const before = writeProgress(this.#output);
    return this.#clock.after(STDIO_LIMITS.stuckMs, () => {
      if (writeProgress(this.#output) === before) this.#onStuck();
      else this.#timer = this.#lookLater();
    });
  }
}
