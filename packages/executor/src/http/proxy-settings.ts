/** Which proxy the executor's own environment names, in the order of tools like curl: lower case first. */
export interface ProxySettings {
  readonly httpProxy: string | undefined;
  readonly httpsProxy: string | undefined;
  /** Comma-separated hosts that are reached directly. */
  readonly noProxy: string;
}

/** What is on this machine is never asked of a proxy elsewhere. */
const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/** The proxies that an environment names; `undefined` when it names none. */
export function proxySettings(env: Readonly<Record<string, string>>): ProxySettings | undefined {
  const named = (name: string): string | undefined =>
    [env[name.toLowerCase()], env[name]].find((value) => value !== undefined && value !== "");
  const all = named("ALL_PROXY");
  const httpProxy = named("HTTP_PROXY") ?? all;
  const httpsProxy = named("HTTPS_PROXY") ?? all;
  if (httpProxy === undefined && httpsProxy === undefined) return undefined;
  const noProxy = [...LOOPBACK, ...(named("NO_PROXY")?.split(",") ?? [])].join(",");
  return { httpProxy, httpsProxy, noProxy };
}
