import { once } from "node:events";
import { createServer as createWebServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

/** A server on loopback for the time of a test. */
export interface Origin extends AsyncDisposable {
  readonly url: string;
  /** Sockets of clients that are open now. */
  readonly openSockets: number;
}

async function listening(server: Server): Promise<Origin> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get openSockets() {
      return sockets.size;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** A web server. */
export function webOrigin(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Origin> {
  return listening(createWebServer(answer));
}

/** A server that answers every request with these bytes, whatever they are. */
export function rawOrigin(answer: (path: string, socket: Socket) => void): Promise<Origin> {
  return listening(
    createServer((socket) => {
      socket.on("data", (request) => answer(String(request).split(" ")[1] ?? "", socket));
    }),
  );
}

/** Bytes without an end, as fast as they are taken. Told what has been handed to the socket. */
export function pourForever(response: ServerResponse, onPoured: (bytes: number) => void): void {
  const piece = Buffer.alloc(65_536, "x");
  const pour = (): void => {
    while (!response.destroyed) {
      onPoured(piece.byteLength);
      if (!response.write(piece)) return void response.once("drain", pour);
    }
  };
  pour();
}
