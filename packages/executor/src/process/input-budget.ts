/**
 * The bytes that wait for the standard inputs of all processes of an executor.
 *
 * A process that holds little draws nothing: no terminal stops taking input because another's is full.
 */
export class InputBudget {
  readonly maxBytes: number;
  #drawn = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** @returns false, and draws nothing, when there is not enough left. All of it is enough for anything, and none for nothing. */
  draw(bytes: number): boolean {
    if (bytes > 0 && bytes > this.maxBytes - this.#drawn && this.#drawn > 0) return false;
    this.#drawn += bytes;
    return true;
  }

  drawAnyway(bytes: number): void {
    this.#drawn += bytes;
  }

  giveBack(bytes: number): void {
    this.#drawn -= bytes;
  }
}
