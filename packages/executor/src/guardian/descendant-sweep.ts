import { setImmediate as nextTurn } from "node:timers/promises";
import { type Clock, systemClock } from "@holdfast/rpc";
import { isExhaustion } from "../platform/os-error.ts";
import { type Descendant, descendantAt, killIfMarked, newestFirst, type SweepOptions } from "./sweep.ts";

/** Processes that are looked at in one turn of the event loop: half a millisecond. */
const PROCESSES_PER_TURN = 10;
/** Passes without a find after which no process is left, though processes come and go all the time. */
const QUIET_PASSES = 5;
/** A process in an uninterruptible call of the system ends when that call does. */
const GIVE_UP_MS = 5_000;
const PAUSE_MS = 5;
/** How much longer than a sweep the rest after it is: a client that ends many processes needs the processor as well. */
const REST_FACTOR = 3;

interface Order {
  readonly isDoomed: (serial: number) => boolean;
  readonly done: () => void;
}

interface Pass {
  readonly found: number;
  /** A process ended while we looked, and may have left a child that was not listed yet. */
  readonly isBlurred: boolean;
  /** The system had nothing left to look with. */
  readonly isBlind: boolean;
}

/** Who was found. */
export interface Look {
  readonly found: readonly Descendant[];
  /** False: a process ended meanwhile, and may have left a child that was not listed yet. */
  readonly isSure: boolean;
  readonly tookMs: number;
}

/**
 * Ends descendants of single starts while the executor runs, those that left the group of their process included.
 *
 * One look at all processes serves every request that came before it began.
 */
export class DescendantSweep {
  readonly #options: SweepOptions;
  readonly #clock: Clock;
  #waiting: Order[] = [];
  #state: "idle" | "sweeping" = "idle";
  /** Those that are not served. */
  #orders = 0;
  /** The look that is under way, and the one that whoever asks now gets. */
  #look: Promise<unknown> = Promise.resolve();
  #nextLook: Promise<Look> | undefined;

  constructor(options: SweepOptions, clock: Clock = systemClock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** Resolves when no process is left that carries such a number and can be reached. */
  end(isDoomed: Order["isDoomed"]): Promise<void> {
    return new Promise((done) => {
      this.#orders += 1;
      this.#waiting.push({ isDoomed, done });
      if (this.#state === "idle") void this.#run();
    });
  }

  /** Resolves when nothing is being ended, and nothing waits for it. */
  async settled(): Promise<void> {
    while (this.#orders > 0) await this.#sleep(PAUSE_MS);
  }

  /** Who lives and carries a number of this executor. All who ask before a look begins share it. */
  look(): Promise<Look> {
    this.#nextLook ??= this.#look.then(async () => {
      this.#nextLook = undefined;
      const look = this.#lookAround();
      // As long a rest follows: however many ask, others have their turns. What one look meets is not that of the next.
      this.#look = look.then(
        ({ tookMs }) => this.#sleep(tookMs),
        () => {},
      );
      return await look;
    });
    return this.#nextLook;
  }

  async #lookAround(): Promise<Look> {
    // Requests of this tick are served too.
    await nextTurn();
    const beginMs = this.#clock.now();
    const found: Descendant[] = [];
    let isSure = true;
    try {
      for (const [index, pid] of newestFirst().entries()) {
        if (index % PROCESSES_PER_TURN === PROCESSES_PER_TURN - 1) await nextTurn();
        const outcome = descendantAt(pid, this.#options.mark);
        if (outcome === "gone") isSure = false;
        else if (outcome !== undefined) found.push(outcome);
      }
    } catch (thrown) {
      if (!isExhaustion(thrown)) throw thrown;
      isSure = false;
    }
    return { found, isSure, tookMs: this.#clock.now() - beginMs };
  }

  async #run(): Promise<void> {
    this.#state = "sweeping";
    while (this.#waiting.length > 0) {
      // Requests of this tick are served too.
      await nextTurn();
      const orders = this.#waiting;
      this.#waiting = [];
      const beginMs = this.#clock.now();
      await this.#sweep((serial) => orders.some(({ isDoomed }) => isDoomed(serial)));
      for (const { done } of orders) done();
      this.#orders -= orders.length;
      await this.#sleep(REST_FACTOR * (this.#clock.now() - beginMs));
    }
    this.#state = "idle";
  }

  async #sweep(isDoomed: Order["isDoomed"]): Promise<void> {
    const endMs = this.#clock.now() + GIVE_UP_MS;
    for (let quietPasses = 0; this.#clock.now() < endMs; ) {
      const { found, isBlurred, isBlind } = await this.#pass(isDoomed);
      quietPasses = found === 0 && !isBlind ? quietPasses + 1 : 0;
      if (quietPasses > 0 && (!isBlurred || quietPasses >= QUIET_PASSES)) return;
      if (found > 0 || isBlind) await this.#sleep(PAUSE_MS);
    }
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.#clock.after(ms, resolve));
  }

  async #pass(isDoomed: Order["isDoomed"]): Promise<Pass> {
    const options = { ...this.#options, isDoomed };
    let found = 0;
    let isBlurred = false;
    try {
      for (const [index, pid] of newestFirst().entries()) {
        if (index % PROCESSES_PER_TURN === PROCESSES_PER_TURN - 1) await nextTurn();
        const outcome = killIfMarked(pid, options);
        if (outcome === "killed") found += 1;
        if (outcome === "gone") isBlurred = true;
      }
    } catch (thrown) {
      if (!isExhaustion(thrown)) throw thrown;
      return { found, isBlurred, isBlind: true };
    }
    return { found, isBlurred, isBlind: false };
  }
}
