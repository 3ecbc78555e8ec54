import type { Socket } from "node:net";

/** A connection, whether it is met as TCP or as the TLS on top of it: by its far end, or where that has no address, by its socket. */
type Key = Socket | string;

function keyOf(socket: Socket): Key {
  const { remoteAddress, remotePort } = socket;
  return remoteAddress === undefined ? socket : `${remoteAddress} ${remotePort}`;
}

/**
 * Connections that have not become websockets. A client that opens them without end loses its own first: one more than `max`
 * ends the oldest, so that a client which completes its handshake always gets in.
 */
export class HalfOpen {
  readonly #max: number;
  readonly #sockets = new Map<Key, Socket>();

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#sockets.size;
  }

  add(socket: Socket): void {
    const key = keyOf(socket);
    this.#sockets.set(key, socket);
    socket.once("close", () => {
      if (this.#sockets.get(key) === socket) this.#sockets.delete(key);
    });
    if (this.#sockets.size <= this.#max) return;
    const [oldest] = this.#sockets;
    if (oldest === undefined) return;
    this.#sockets.delete(oldest[0]);
    oldest[1].destroy();
  }

  /** It has become a websocket. */
  delete(socket: Socket): void {
    this.#sockets.delete(keyOf(socket));
  }

  destroyAll(): void {
    for (const socket of this.#sockets.values()) socket.destroy();
  }
}
