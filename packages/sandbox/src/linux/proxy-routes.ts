import type { SandboxIntent } from "../intent.ts";
import type { ProxyRoute } from "../launch-plan.ts";
import { SandboxError } from "../sandbox-error.ts";

const PROXY_VARIABLES: ReadonlySet<string> = new Set([
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "WS_PROXY",
  "WSS_PROXY",
  "ALL_PROXY",
  "FTP_PROXY",
  "YARN_HTTP_PROXY",
  "YARN_HTTPS_PROXY",
  "NPM_CONFIG_HTTP_PROXY",
  "NPM_CONFIG_HTTPS_PROXY",
  "NPM_CONFIG_PROXY",
  "BUNDLE_HTTP_PROXY",
  "BUNDLE_HTTPS_PROXY",
  "PIP_PROXY",
  "DOCKER_HTTP_PROXY",
  "DOCKER_HTTPS_PROXY",
]);

const LOOPBACK_HOSTS: Readonly<Record<string, ProxyRoute["host"]>> = {
  localhost: "127.0.0.1",
  "127.0.0.1": "127.0.0.1",
  "[::1]": "::1",
};

/** Below it a listener inside would need a capability. */
const FIRST_FREE_PORT = 1_024;

/** What the command gets instead of the network. */
export interface ProxyAccess {
  readonly routes: readonly ProxyRoute[];
  /** The environment of the command, its proxy variables pointing at the inner ports. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Where the proxy variables of a command lead, for a command that reaches the network only through them.
 *
 * @throws SandboxError `invalid` when no variable names a proxy, and when one names anything but an allowed loopback port.
 */
export function proxyAccess(intent: SandboxIntent): ProxyAccess {
  const allowed = new Set(intent.managedNetwork?.loopbackPorts ?? []);
  const routes = new Map<string, ProxyRoute>();
  const env: Record<string, string> = { ...intent.env };
  const variables = Object.entries(intent.env).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [name, value] of variables) {
    if (value.trim() === "" || !PROXY_VARIABLES.has(name.toUpperCase())) continue;
    const endpoint = parseEndpoint(value.trim());
    if (!allowed.has(endpoint.port)) throw refused("proxy endpoint is outside the managed sandbox context");
    const key = `${endpoint.host} ${endpoint.port}`;
    const route = routes.get(key) ?? { ...endpoint, innerPort: freePort(endpoint.port, [...routes.values()], allowed) };
    routes.set(key, route);
    env[name] = endpoint.textAt(route.innerPort);
  }
  if (routes.size === 0) throw refused("managed proxy mode requires proxy environment variables");
  return {
    routes: [...routes.values()].map(({ host, port, innerPort }) => ({ host, port, innerPort })),
    env,
  };
}

interface Endpoint {
  readonly host: ProxyRoute["host"];
  readonly port: number;
  /** The same address with another port on the loopback of the sandbox. */
  textAt(port: number): string;
}

function parseEndpoint(text: string): Endpoint {
  const [, scheme, rest = ""] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(.*)$/is.exec(text) ?? [];
  const url = urlOrUndefined(`http://${rest}`);
  const host = url === undefined ? undefined : LOOPBACK_HOSTS[url.hostname];
  const port = url === undefined ? 0 : (writtenPort(rest) ?? defaultPort(scheme?.toLowerCase() ?? "http"));
  if (url === undefined || host === undefined || port === 0) {
    throw refused("managed proxy mode requires parseable loopback proxy endpoints");
  }
  const credentials = url.username === "" && url.password === "" ? "" : `${url.username}:${url.password}@`;
  const tail = `${url.pathname === "/" ? "" : url.pathname}${url.search}${url.hash}`;
  return {
    host,
    port,
    textAt: (innerPort) => `${scheme ?? "http"}://${credentials}127.0.0.1:${innerPort}${tail}`,
  };
}

/** What the text says, because a URL drops the port that is its scheme's default. */
function writtenPort(rest: string): number | undefined {
  const [, digits] = /^[^/?#]*:(\d+)(?:[/?#]|$)/.exec(rest) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

function defaultPort(scheme: string): number {
  if (scheme === "https") return 443;
  return scheme.startsWith("socks") ? 1_080 : 80;
}

/** The port outside where that can be had inside too; else the first one that nothing uses. */
function freePort(wanted: number, routes: readonly ProxyRoute[], allowed: ReadonlySet<number>): number {
  const used = new Set(routes.map((route) => route.innerPort));
  if (wanted >= FIRST_FREE_PORT && !used.has(wanted)) return wanted;
  let port = FIRST_FREE_PORT;
  while (used.has(port) || allowed.has(port)) port += 1;
  return port;
}

function urlOrUndefined(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function refused(message: string): SandboxError {
  return new SandboxError("invalid", message);
}
