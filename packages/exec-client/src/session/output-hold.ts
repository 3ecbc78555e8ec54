/** Keeps the executor told whether the output of one process is to be held back. */
export class OutputHold {
  readonly #tell: (isHeld: boolean) => Promise<unknown>;
  #isWanted = false;
  #isTold = false;
  #state: "idle" | "telling" = "idle";

  /** @param tell - Resolves when the executor knows, on this connection or a later one. */
  constructor(tell: (isHeld: boolean) => Promise<unknown>) {
    this.#tell = tell;
  }

  /** Hold it, or let it go on. */
  set(isHeld: boolean): void {
    this.#isWanted = isHeld;
    void this.#update();
  }

  /** The session was resumed on a new connection: on the executor it begins without holds. */
  resumed(): void {
    this.#isTold = false;
    void this.#update();
  }

  /** One question at a time: the order in which an executor takes two is not known. */
  async #update(): Promise<void> {
    if (this.#state === "telling") return;
    this.#state = "telling";
    while (this.#isTold !== this.#isWanted) {
      const isHeld = this.#isWanted;
      try {
        await this.#tell(isHeld);
      } catch {
        // The process or the session is over, and with it the hold. If it is not, the connection is held in its place.
        break;
      }
      this.#isTold = isHeld;
    }
    this.#state = "idle";
  }
}
