import { setImmediate } from "node:timers/promises";

/** How long work of one kind may keep all others of this process waiting, milliseconds. */
const TURN_MS = 8;

/** Lets others have their turn, where many short calls follow each other. */
export class Breather {
  #startedMs = performance.now();

  /** Undefined while the turn lasts; to be awaited when it does not. */
  due(): Promise<void> | undefined {
    if (performance.now() - this.#startedMs < TURN_MS) return undefined;
    return this.#rest();
  }

  async #rest(): Promise<void> {
    await setImmediate();
    this.#startedMs = performance.now();
  }
}
