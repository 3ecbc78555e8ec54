import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { type AddressInfo, connect as connectSocket, type Server } from "node:net";
import type { ManagedNetworkAccess } from "../intent.ts";
import type { Connect } from "./dial.ts";
import { createGate, type Resolve } from "./gate.ts";
import { createHttpProxy } from "./http-proxy.ts";
import type { NetworkProxyConfig } from "./proxy-config.ts";
import { ProxyCore } from "./proxy-core.ts";
import { proxyEnvironment } from "./proxy-environment.ts";
import { DEFAULT_PROXY_LIMITS, type ProxyLimits } from "./proxy-limits.ts";
import { createSocksProxy } from "./socks-proxy.ts";

/** A proxy that runs. `environment` and `access` say the same about it: they are made together, once. */
export interface NetworkProxy {
  readonly httpPort: number;
  /** Absent: the configuration has no SOCKS. */
  readonly socksPort: number | undefined;
  /** Variables for the command. */
  readonly environment: Readonly<Record<string, string>>;
  /** What the sandbox of the command has to let through. */
  readonly access: ManagedNetworkAccess;
  /** Ends the proxy and every connection through it. Settles when the ports are free; can be called again. */
  close(): Promise<void>;
}

/** How a proxy meets the world, and its bounds. */
export interface NetworkProxyOptions {
  readonly limits?: Partial<ProxyLimits> | undefined;
  /** Default: the names as this machine resolves them. */
  readonly resolve?: Resolve | undefined;
  /** Default: a TCP connection. */
  readonly connect?: Connect | undefined;
}

const LOOPBACK = "127.0.0.1";

/** Starts a proxy on free ports of the loopback. Rejects where it can not listen. */
export async function startNetworkProxy(
  config: NetworkProxyConfig,
  options: NetworkProxyOptions = {},
): Promise<NetworkProxy> {
  const core = new ProxyCore({
    mode: config.mode,
    gate: createGate(config, options.resolve ?? resolveHere),
    connect: options.connect ?? connectHere,
    limits: { ...DEFAULT_PROXY_LIMITS, ...options.limits },
  });
  const http = createHttpProxy(core);
  const socks = config.enableSocks5 ? createSocksProxy(core) : undefined;
  const servers = socks === undefined ? [http] : [http, socks];
  const close = () => closeAll(servers, core);
  try {
    const httpPort = await listen(http);
    const socksPort = socks === undefined ? undefined : await listen(socks);
    const { allowLocalBinding } = config;
    const loopbackPorts = socksPort === undefined ? [httpPort] : [httpPort, socksPort];
    const environment = proxyEnvironment({ httpPort, socksPort, allowLocalBinding });
    return { httpPort, socksPort, environment, access: { loopbackPorts, allowLocalBinding }, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function resolveHere(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true });
  return found.map(({ address }) => address);
}

function connectHere(address: string, port: number) {
  return connectSocket({ host: address, port, allowHalfOpen: true, noDelay: true });
}

async function listen(server: Server): Promise<number> {
  server.listen(0, LOOPBACK);
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function closeAll(servers: readonly Server[], core: ProxyCore): Promise<void> {
  const closed = servers
    .filter((server) => server.listening)
    .map((server) => new Promise((done) => server.close(done)));
  core.destroy();
  await Promise.all(closed);
}
