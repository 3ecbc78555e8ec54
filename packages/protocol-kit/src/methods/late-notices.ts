import type { TypeSource } from "./type-source.ts";

/** Notices that wait for the validators; one more is lost, and its stub is told. They wait for as long as a file takes to load. */
export const WAITING_NOTICES_MAX = 65_536;

/** Keeps the notices of one stub in order while the validators are being loaded. */
export class LateNotices {
  readonly #source: TypeSource;
  readonly #onThrow: (error: unknown) => void;
  #waiting: (() => void)[] = [];

  constructor(source: TypeSource, onThrow: (error: unknown) => void) {
    this.#source = source;
    this.#onThrow = onThrow;
  }

  /** Whether a notice may be delivered now, with a validator. */
  get isOpen(): boolean {
    return this.#source.types !== undefined && this.#waiting.length === 0;
  }

  /** Whether nothing waits, so that a notice that needs no validator may be delivered now. */
  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** False when too many wait. */
  add(deliver: () => void): boolean {
    if (this.#waiting.length === WAITING_NOTICES_MAX) return false;
    this.#waiting.push(deliver);
    if (this.#waiting.length === 1)
      this.#source.load().then(
        () => this.#flush(),
        (error: unknown) => this.#fail(error),
      );
    return true;
  }

  #flush(): void {
    // What a handler's own doing brings in meanwhile comes after those that wait.
    for (const deliver of this.#waiting) {
      try {
        deliver();
      } catch (error) {
        this.#onThrow(error);
      }
    }
    this.#waiting = [];
  }

  #fail(error: unknown): void {
    this.#waiting = [];
    this.#onThrow(error);
  }
}
