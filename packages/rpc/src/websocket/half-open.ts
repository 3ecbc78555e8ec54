import type { Socket } from "node:net";

/**
 * Connections that have not become websockets. Whoever opens them without end pushes out his own first: one more than `max`
 * costs the oldest, so that somebody who does what he came for always gets in.
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
