import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { parseDomainPattern } from "../../src/proxy/domain-pattern.ts";
import type { NetworkProxyConfig } from "../../src/proxy/proxy-config.ts";
import { type NetworkProxy, type NetworkProxyOptions, startNetworkProxy } from "../../src/proxy/start-network-proxy.ts";

/** An address of the public internet, which the tests lead to a server of their own. */
export const PUBLIC_ADDRESS = "93.184.216.34";

export interface Setting extends Partial<Omit<NetworkProxyConfig, "allowed" | "denied">> {
  allow?: readonly string[];
  deny?: readonly string[];
  /** Names that resolve, and what to; by default every name is public. */
  names?: Readonly<Record<string, readonly string[]>>;
  /** Where the public internet is. */
  upstream?: Server | undefined;
  options?: NetworkProxyOptions;
}

export interface Proxied extends NetworkProxy, AsyncDisposable {
  /** Every connection that was started, as `address:port`. */
  readonly dialled: readonly string[];
}

export async function proxied(setting: Setting = {}): Promise<Proxied> {
  const { allow = ["*.test"], deny = [], names, upstream, options, ...config } = setting;
  const dialled: string[] = [];
  const proxy = await startNetworkProxy(
    {
      enableSocks5: true,
      mode: "full",
      allowLocalBinding: false,
      allowed: allow.map(parseDomainPattern),
      denied: deny.map(parseDomainPattern),
      ...config,
    },
    {
      resolve: async (host) => (names === undefined ? [PUBLIC_ADDRESS] : (names[host] ?? [])),
      connect: (address, port) => {
        dialled.push(`${address}:${port}`);
        const isPublic = address === PUBLIC_ADDRESS;
        const to = isPublic && upstream !== undefined ? portOf(upstream) : isPublic ? 1 : port;
        return connect({ host: "127.0.0.1", port: to, allowHalfOpen: true });
      },
      ...options,
    },
  );
  return { ...proxy, dialled, [Symbol.asyncDispose]: () => proxy.close() };
}

/** A server on loopback that ends, connections and all, when it is disposed of. */
export type TestServer<Kind extends Server = Server> = Kind & AsyncDisposable;

export async function httpServer(listener: RequestListener): Promise<TestServer> {
  return disposable(createServer(listener));
}

export async function tcpServer(onConnection: (socket: Socket) => void): Promise<TestServer> {
  return disposable(createTcpServer({ allowHalfOpen: true }, onConnection));
}

async function disposable(server: Server): Promise<TestServer> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(server, {
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  });
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** A raw client: what it got so far, and its end. */
export interface RawClient extends AsyncDisposable {
  readonly socket: Socket;
  received(): Buffer;
  text(): string;
  /** Settles when the other side ended or broke the connection. */
  readonly ended: Promise<void>;
}

export async function rawClient(port: number): Promise<RawClient> {
  const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.on("error", () => {});
  const ended = new Promise<void>((resolve) => {
    socket.once("end", resolve);
    socket.once("close", () => resolve());
  });
  await Promise.race([once(socket, "connect"), ended]);
  const received = () => Buffer.concat(chunks);
  return {
    socket,
    received,
    text: () => received().toString("latin1"),
    ended,
    async [Symbol.asyncDispose]() {
      if (socket.closed) return;
      const closed = once(socket, "close");
      socket.destroy();
      await closed;
    },
  };
}

/** Sends bytes and gives back everything until the other side ends. */
export async function exchange(port: number, bytes: string | Uint8Array): Promise<string> {
  await using client = await rawClient(port);
  client.socket.write(bytes);
  await client.ended;
  return client.text();
}

/** The whole body of a message. */
export async function bodyOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
