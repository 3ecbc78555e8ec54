import type { Socket } from "node:net";

/**
 * Connections that have not become websockets. A client that opens them without end loses its own first: one more than `max`
 * ends the oldest, so that a client which completes its handshake always gets in.
 */
export class HalfOpen {
  readonly #max: number;
  readonly #sockets = new Set<Socket>();

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#sockets.size;
  }

  add(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    if (this.#sockets.size <= this.#max) return;
    const [oldest] = this.#sockets;
    this.delete(oldest);
    oldest?.destroy();
  }

  /** It has become a websocket. */
  delete(socket: Socket | undefined): void {
    if (socket !== undefined) this.#sockets.delete(socket);
  }

  destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
