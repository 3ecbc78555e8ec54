import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { until } from "@holdfast/testkit";

/** A server that keeps its sockets and what came on them. */
export async function rawServer(onSocket: (socket: Socket) => void = () => {}) {
  const ends: RawEnd[] = [];
  const server = createServer((socket) => {
    ends.push(new RawEnd(socket));
    onSocket(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ends,
    /** The end of the n-th connection, once it is there. */
    end: (index: number) => until(() => ends[index]),
    [Symbol.asyncDispose]: async () => {
      for (const { socket } of ends) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

export class RawEnd implements Disposable {
  readonly socket: Socket;
  received = Buffer.alloc(0);
  error: string | undefined;
  closed = false;
  ended = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.error = error.code;
    });
    socket.on("end", () => {
      this.ended = true;
    });
    socket.on("close", () => {
      this.closed = true;
    });
  }

  get text(): string {
    return this.received.toString();
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

export async function rawClient(url: string): Promise<RawEnd> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  const end = new RawEnd(socket);
  await once(socket, "connect");
  return end;
}
