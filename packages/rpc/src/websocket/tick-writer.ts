import type { Socket } from "node:net";

/** Beyond this much the kernel should begin while more is being produced. */
const FLUSH_BYTES = 128 * 1024;

/** Joins everything written to a socket in one turn of the event loop into one system call. */
export class TickWriter {
  readonly #socket: Socket;
  #mode: "direct" | "corked" = "direct";

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** To be called before each write. */
  beforeWrite(): void {
    const isLong = this.#socket.writableLength >= FLUSH_BYTES;
    if (this.#mode === "corked") {
      if (isLong) this.#flush();
    } else if (!isLong) {
      this.#mode = "corked";
      this.#socket.cork();
      process.nextTick(this.#flush);
    }
  }

  readonly #flush = (): void => {
    if (this.#mode === "direct") return;
    this.#mode = "direct";
    this.#socket.uncork();
  };
}
