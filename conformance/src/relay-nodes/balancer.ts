import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** One address in front of several, in turn; those that do not listen are left out. */
export class Balancer implements AsyncDisposable {
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((socket) => this.#accept(socket));
  #ports: readonly number[] = [];
  #turn = 0;

  static async start(): Promise<Balancer> {
    const balancer = new Balancer();
    balancer.#server.listen(0, "127.0.0.1");
    await once(balancer.#server, "listening");
    return balancer;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  to(ports: readonly number[]): void {
    this.#ports = ports;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #accept(socket: Socket): void {
    this.#turn += 1;
    const start = this.#turn % Math.max(1, this.#ports.length);
    this.#own(socket, () => {});
    this.#try(socket, [...this.#ports.slice(start), ...this.#ports.slice(0, start)]);
  }

  #try(socket: Socket, [port, ...others]: readonly number[]): void {
    if (port === undefined) {
      socket.destroy();
      return;
    }
    const behind = connect(port, "127.0.0.1");
    let isConnected = false;
    behind.once("connect", () => {
      isConnected = true;
      socket.pipe(behind);
      behind.pipe(socket);
      socket.once("close", () => behind.destroy());
    });
    this.#own(behind, () => {
      if (isConnected || socket.destroyed) socket.destroy();
      else this.#try(socket, others);
    });
  }

  #own(socket: Socket, closed: () => void): void {
    this.#sockets.add(socket);
    // What ends it is told by its close.
    socket.on("error", () => {});
    socket.once("close", () => {
      this.#sockets.delete(socket);
      closed();
    });
  }
}
