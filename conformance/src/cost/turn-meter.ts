/** What the thread of an event loop did while it was watched, in milliseconds of its own processor time. */
export interface LoopCost {
  /** The longest that anybody else had to wait for one turn. */
  readonly longestTurnMs: number;
  readonly totalMs: number;
}

const MICROSECONDS = 1_000;

/**
 * Measures the turns of the event loop of this thread, by processor time: that of a busy machine's other programs does not
 * count. While it measures, the loop never rests.
 */
export class TurnMeter {
  #longest = 0;
  #start = 0;
  #turn = 0;
  #next: NodeJS.Immediate | undefined;

  start(): void {
    this.#longest = 0;
    this.#start = threadMs();
    this.#turn = this.#start;
    const look = () => {
      this.#endTurn();
      this.#next = setImmediate(look);
    };
    this.#next = setImmediate(look);
  }

  stop(): LoopCost {
    this.#endTurn();
    clearImmediate(this.#next);
    return { longestTurnMs: this.#longest, totalMs: threadMs() - this.#start };
  }

  #endTurn(): void {
    const now = threadMs();
    this.#longest = Math.max(this.#longest, now - this.#turn);
    this.#turn = now;
  }
}

/** Processor time of this thread so far. */
export function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / MICROSECONDS;
}
