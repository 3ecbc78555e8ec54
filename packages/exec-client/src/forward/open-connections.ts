import type { Socket } from "node:net";
import { resetSocket } from "@holdfast/rpc/tcp";

/** The connections of one forwarding, by their ends on this machine. */
export class OpenConnections {
  readonly #onError: (error: unknown) => void;
  readonly #sockets = new Set<Socket>();
  readonly #joined = new Set<Promise<void>>();
  #state: "open" | "ended" = "open";

  /** @param onError - Called with what broke one. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  get count(): number {
    return this.#sockets.size;
  }

  /** It is ended with the others. */
  add(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
  }

  /** One is at work, until it is through. */
  follow(joined: Promise<void>): void {
    const through = joined.catch((error: unknown) => {
      if (this.isOpen) this.#onError(error);
    });
    this.#joined.add(through);
    void through.then(() => this.#joined.delete(through));
  }

  /** End all of them. Resolves when their other ends are told. */
  async end(): Promise<void> {
    this.#state = "ended";
    for (const socket of this.#sockets) resetSocket(socket);
    await Promise.all(this.#joined);
  }
}
