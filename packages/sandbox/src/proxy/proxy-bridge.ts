import { connect, createServer, type Server, type Socket } from "node:net";
import type { ProxyRoute } from "../launch-plan.ts";
import { DEFAULT_PROXY_LIMITS } from "./proxy-limits.ts";
import { tunnel } from "./tunnel.ts";

/** A listening socket, by its descriptor or as a handle that a Node IPC channel brought. */
export type ListeningSocket = { readonly fd: number } | object;

/** Ports inside a sandbox, joined to ports of a proxy outside. */
export interface ProxyBridge {
  /** Settles when every port inside leads out; rejects when the channel ended before: such a command has to be killed. */
  readonly ready: Promise<void>;
  /** Takes the socket that the init program sent for a port, and serves it. */
  accept(innerPort: number, socket: ListeningSocket): void;
  /** The init program closed its channel: nothing more will come. */
  channelEnded(): void;
  /** Ends every connection. To be called when the command has ended. */
  close(): void;
}

/**
 * A bridge for the routes of a plan.
 *
 * @param failed - Called once, when `ready` rejects or a port stops being served afterwards; never after `close`.
 */
export function createProxyBridge(
  routes: readonly ProxyRoute[],
  failed: (reason: Error) => void = () => {},
): ProxyBridge {
  const missing = new Map(routes.map((route) => [route.innerPort, route]));
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // Its awaiter sees the reason all the same.
  promise.catch(() => {});
  let report: ((reason: Error) => void) | undefined = failed;
  const fail = (reason: Error) => {
    reject(reason);
    report?.(reason);
    report = undefined;
  };
  const track = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
  };
  let listening = 0;
  return {
    ready: promise,
    accept(innerPort, socket) {
      const route = missing.get(innerPort);
      if (route === undefined) return;
      missing.delete(innerPort);
      const server = routeServer(route, track);
      servers.push(server);
      server.once("error", fail);
      server.listen(socket, () => {
        listening += 1;
        if (listening === routes.length) resolve();
      });
    },
    channelEnded() {
      if (missing.size > 0) fail(new Error("the sandbox did not open its way to the proxy"));
    },
    close() {
      report = undefined;
      for (const server of servers) server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function routeServer({ host, port }: ProxyRoute, track: (socket: Socket) => void): Server {
  const server = createServer({ allowHalfOpen: true }, (inner) => {
    const outer = connect({ host, port, allowHalfOpen: true });
    track(inner);
    track(outer);
    tunnel(inner, outer, DEFAULT_PROXY_LIMITS.idleTimeoutMs);
  });
  server.maxConnections = DEFAULT_PROXY_LIMITS.maxConnections;
  return server;
}
