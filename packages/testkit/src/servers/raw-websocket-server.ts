import { createHash } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

/** A server that breaks off, or stays silent, below the level of messages. */
export interface RawServer extends AsyncDisposable {
  readonly url: string;
  /** Connections that were accepted so far. */
  readonly connectionCount: number;
  /** Connections that are there now. */
  readonly openCount: number;
}

/** Listen on loopback and do this with every connection. */
export async function rawServer(onSocket: (socket: Socket) => void): Promise<RawServer> {
  const sockets = new Set<Socket>();
  let connectionCount = 0;
  const server = createServer((socket) => {
    connectionCount += 1;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    onSocket(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get connectionCount() {
      return connectionCount;
    },
    get openCount() {
      return sockets.size;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** The constant that RFC 6455 joins to a client's key. */
const HANDSHAKE_CONSTANT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** Answer a websocket upgrade, and nothing after it. Calls back once the answer is out. */
export function upgrade(socket: Socket, onUpgraded: () => void): void {
  let head = "";
  const read = (data: Buffer): void => {
    head += data.toString("latin1");
    if (!head.includes("\r\n\r\n")) return;
    socket.off("data", read);
    // Whatever comes from now on is dropped.
    socket.resume();
    const key = /^sec-websocket-key: *(\S+)/im.exec(head)?.[1] ?? "";
    const accept = createHash("sha1").update(`${key}${HANDSHAKE_CONSTANT}`).digest("base64");
    const lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
    socket.write(`${[...lines, `Sec-WebSocket-Accept: ${accept}`].join("\r\n")}\r\n\r\n`, onUpgraded);
  };
  socket.on("data", read);
}
