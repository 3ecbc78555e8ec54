import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

/** A server that answers each request with bytes, whatever they are: `/NAME` with the answer of that name. */
export class RawOrigin implements AsyncDisposable {
  /** Connections so far. */
  connections = 0;
  /** Heads of the requests so far. */
  readonly requests: string[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(answers: Readonly<Record<string, readonly string[]>>, afterwards: "close" | "stay") {
    this.#server = createServer((socket) => {
      this.connections += 1;
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.setNoDelay(true);
      socket.on("data", (data) => {
        const request = data.toString("latin1");
        this.requests.push(request);
        void send(socket, answers[request.split(" ")[1]?.slice(1) ?? ""] ?? [], afterwards);
      });
    });
  }

  /** @param answers - Each in the pieces in which it is sent, characters standing for bytes. */
  static async with(
    answers: Readonly<Record<string, readonly string[]>>,
    afterwards: "close" | "stay" = "close",
  ): Promise<RawOrigin> {
    const origin = new RawOrigin(answers, afterwards);
    origin.#server.listen(0, "127.0.0.1");
    await once(origin.#server, "listening");
    return origin;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, "close");
  }
}

async function send(socket: Socket, pieces: readonly string[], afterwards: "close" | "stay"): Promise<void> {
  for (const piece of pieces) {
    await new Promise<void>((sent) => socket.write(Buffer.from(piece, "latin1"), () => sent()));
    // The next piece is a packet of its own.
    await new Promise((turn) => setImmediate(turn));
  }
  if (afterwards === "close") socket.end();
}
