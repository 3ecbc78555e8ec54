import type { Socket } from "node:net";
import type { Destination } from "./blocked.ts";
import { type Connect, dial } from "./dial.ts";
import type { Gate, Passage } from "./gate.ts";
import type { NetworkProxyMode } from "./proxy-config.ts";
import type { ProxyLimits } from "./proxy-limits.ts";

/** What a proxy decides and connects with. */
export interface ProxyCoreOptions {
  readonly mode: NetworkProxyMode;
  readonly gate: Gate;
  readonly connect: Connect;
  readonly limits: ProxyLimits;
}

/** What both servers share: the gate, the limits, and every connection that has to end with the proxy. */
export class ProxyCore {
  readonly mode: NetworkProxyMode;
  readonly limits: ProxyLimits;
  readonly #gate: Gate;
  readonly #connect: Connect;
  readonly #sockets = new Set<Socket>();

  constructor({ mode, gate, connect, limits }: ProxyCoreOptions) {
    this.mode = mode;
    this.limits = limits;
    this.#gate = gate;
    this.#connect = connect;
  }

  /** Holds on to a connection until it closes. Its errors are seen at its close. */
  track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => this.#sockets.delete(socket));
  }

  /** May a request go there? */
  decide(destination: Destination): Promise<Passage> {
    return inTime(this.#gate.decide(destination), this.limits.connectTimeoutMs);
  }

  /** May a tunnel go there? What passes through one can not be looked at, so `limited` has none. */
  async decideTunnel(destination: Destination): Promise<Passage> {
    const passage = await this.decide(destination);
    return passage.kind === "open" && this.mode === "limited"
      ? { kind: "blocked", reason: "tunnel_not_allowed" }
      : passage;
  }

  /** A connection to one of the addresses, given up when the client goes. `undefined`: there is none. */
  async dial(addresses: readonly string[], port: number, client: Socket): Promise<Socket | undefined> {
    const abandoned = new AbortController();
    const abandon = () => abandoned.abort();
    client.once("close", abandon);
    if (client.destroyed) abandon();
    const timeoutMs = this.limits.connectTimeoutMs;
    const tracked: Connect = (address, to) => {
      const socket = this.#connect(address, to);
      this.track(socket);
      return socket;
    };
    const socket = await dial(tracked, { addresses, port, timeoutMs, signal: abandoned.signal });
    client.off("close", abandon);
    return socket;
  }

  /** Ends every connection. */
  destroy(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** A decision that does not come in time is a name that can not be resolved. */
async function inTime(decision: Promise<Passage>, timeoutMs: number): Promise<Passage> {
  const { promise, resolve } = Promise.withResolvers<Passage>();
  const timer = setTimeout(() => resolve({ kind: "blocked", reason: "not_allowed_local" }), timeoutMs);
  try {
    return await Promise.race([decision, promise]);
  } finally {
    clearTimeout(timer);
  }
}
