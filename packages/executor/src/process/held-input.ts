import type { InputBudget } from "./input-budget.ts";

/** What a process may hold without a share of what all have together, in bytes: more than is ever typed. */
const FREE_BYTES = 65_536;

/** Counts the bytes that one process holds until its child has taken them, and draws them from what all have together. */
export class HeldInput {
  readonly #maxBytes: number;
  readonly #shared: InputBudget;
  #bytes = 0;

  constructor(maxBytes: number, shared: InputBudget) {
    this.#maxBytes = maxBytes;
    this.#shared = shared;
  }

  /** @returns false, and nothing is held, when that is too much for this process or for all together. */
  take(bytes: number): boolean {
    if (this.isFullWith(bytes)) return false;
    const after = this.#bytes + bytes;
    if (!this.#shared.draw(beyondFree(after) - beyondFree(this.#bytes))) return false;
    this.#bytes = after;
    return true;
  }

  /** What is held already. */
  takeAnyway(bytes: number): void {
    const after = this.#bytes + bytes;
    this.#shared.drawAnyway(beyondFree(after) - beyondFree(this.#bytes));
    this.#bytes = after;
  }

  /** Whether these would be too many for this process alone. */
  isFullWith(bytes: number): boolean {
    return this.#bytes > 0 && this.#bytes + bytes > this.#maxBytes;
  }

  /** What all processes together may hold. */
  get sharedBytes(): number {
    return this.#shared.maxBytes;
  }

  giveBack(bytes: number): void {
    const after = this.#bytes - bytes;
    this.#shared.giveBack(beyondFree(this.#bytes) - beyondFree(after));
    this.#bytes = after;
  }
}

function beyondFree(bytes: number): number {
  return Math.max(0, bytes - FREE_BYTES);
}
