/** What one output stream can tell about itself while its owner waits to announce the exit. */
export interface DrainSource {
  readonly ended: boolean;
  readonly paused: boolean;
  /** It lets others go first and reads on by itself in the next turn. */
  readonly resting: boolean;
  /** Bytes reported so far. */
  readonly bytesRead: number;
  /** Make readable what the system holds back. */
  readonly hurry?: (() => void) | undefined;
}

/** A Linux pipe holds at most this much unless a privileged process enlarges it: more than this is newer than the exit. */
export const MAX_PIPE_BYTES = 1024 * 1024;

/** Polls without a byte after which a pipe counts as empty: one to let the poll phase run, one to see its result. */
const QUIET_TURNS = 2;

/**
 * Wait until everything written before the exit has been reported, then call `settled`.
 *
 * The exit status and the output travel on different paths, and the status often wins. A stream is drained when it
 * has ended, when whole turns of the event loop bring nothing more, or when more bytes came than a pipe can hold
 * (another process holds the stream and goes on writing). A paused stream is waited for: `poke` looks again.
 */
export class ExitOrder {
  readonly #sources: readonly DrainSource[];
  readonly #settled: () => void;
  readonly #bytesAtExit: readonly number[];
  #lastBytes = -1;
  #quietTurns = 0;
  #state: "polling" | "parked" | "settled" = "polling";

  constructor(sources: readonly DrainSource[], settled: () => void) {
    this.#sources = sources;
    this.#settled = settled;
    this.#bytesAtExit = sources.map((source) => source.bytesRead);
    this.#look();
  }

  /** A stream ended or was resumed: look again. */
  poke(): void {
    if (this.#state === "parked") {
      this.#state = "polling";
      this.#look();
    } else if (this.#state === "polling" && this.#sources.every((source) => source.ended)) this.#settle();
  }

  #look(): void {
    if (this.#state !== "polling") return;
    const waiting = this.#sources.filter((source, index) => !source.ended && !this.#isPastExit(source, index));
    if (waiting.length === 0 || this.#quietTurns >= QUIET_TURNS) {
      this.#settle();
      return;
    }
    if (waiting.some((source) => source.paused)) {
      this.#quietTurns = 0;
      this.#state = "parked";
      return;
    }
    const bytes = waiting.reduce((sum, source) => sum + source.bytesRead, 0);
    const isQuiet = bytes === this.#lastBytes && !waiting.some((source) => source.resting);
    this.#quietTurns = isQuiet ? this.#quietTurns + 1 : 0;
    this.#lastBytes = bytes;
    for (const source of waiting) source.hurry?.();
    setImmediate(() => this.#look());
  }

  #isPastExit(source: DrainSource, index: number): boolean {
    return source.bytesRead - (this.#bytesAtExit[index] ?? 0) > MAX_PIPE_BYTES;
  }

  #settle(): void {
    this.#state = "settled";
    this.#settled();
  }
}
