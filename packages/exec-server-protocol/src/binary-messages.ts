/** `due`: the far end reads them and is to be told that this end does. */
type State = "unheard" | "due" | "settled";

/** What the two ends of one connection know of each other's binary messages. Each connection begins anew. */
export class BinaryMessages {
  #state: State = "unheard";

  /** Whether messages with long bytes are sent as binary ones. */
  get areSent(): boolean {
    return this.#state !== "unheard";
  }

  /** Whether the next notice is a binary message whatever it holds. */
  get isDue(): boolean {
    return this.#state === "due";
  }

  /** The executor advertises them: the next notice, which is `initialized`, tells it that its client reads them as well. */
  begin(): void {
    if (this.#state === "unheard") this.#state = "due";
  }

  /** One has been sent, or received. */
  settle(): void {
    this.#state = "settled";
  }
}
