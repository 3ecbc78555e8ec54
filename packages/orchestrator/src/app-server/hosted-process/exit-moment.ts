import type { Clock } from "@holdfast/rpc";

/** When a process exited, once it has: all that it wrote itself has been taken up by then. */
export class ExitMoment {
  readonly #clock: Clock;
  readonly #passed = Promise.withResolvers<void>();
  #atMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** By the clock. Undefined: not yet. */
  get atMs(): number | undefined {
    return this.#atMs;
  }

  /** Resolves when it is known. */
  get passed(): Promise<void> {
    return this.#passed.promise;
  }

  /** It is now. Idempotent. */
  pass(): void {
    this.#atMs ??= this.#clock.now();
    this.#passed.resolve();
  }
}
