import type { Socket } from "node:net";

/** Beyond this much the kernel should begin while more is being produced. */
const FLUSH_BYTES = 128 * 1024;

/**
 * Joins what is written to a socket into few system calls.
 *
 * What the first callback of a turn of the event loop writes goes out right after it, so that a lone answer waits for
 * nothing. What later callbacks of the same turn write goes out together at the turn's end: answers that became ready at
 * once, each with a callback of its own, are one call then.
 */
export class TickWriter {
  readonly #socket: Pick<Socket, "cork" | "uncork" | "writableLength">;
  #turn: "fresh" | "begun" = "fresh";
  #mode: "direct" | "corked" = "direct";

  constructor(socket: Pick<Socket, "cork" | "uncork" | "writableLength">) {
    this.#socket = socket;
  }

  /** To be called before each write. */
  beforeWrite(): void {
    const isLong = this.#socket.writableLength >= FLUSH_BYTES;
    if (this.#mode === "corked") {
      if (isLong) this.#flush();
    } else if (!isLong) this.#cork();
  }

  #cork(): void {
    this.#mode = "corked";
    this.#socket.cork();
    if (this.#turn === "begun") return;
    this.#turn = "begun";
    process.nextTick(this.#flush);
    setImmediate(this.#endTurn);
  }

  readonly #flush = (): void => {
    if (this.#mode === "direct") return;
    this.#mode = "direct";
    this.#socket.uncork();
  };

  readonly #endTurn = (): void => {
    this.#turn = "fresh";
    this.#flush();
  };
}
