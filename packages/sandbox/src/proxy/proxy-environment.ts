const HTTP_URL_NAMES = [
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "http_proxy",
  "https_proxy",
  "WS_PROXY",
  "WSS_PROXY",
  "ws_proxy",
  "wss_proxy",
  "YARN_HTTP_PROXY",
  "YARN_HTTPS_PROXY",
  "npm_config_proxy",
  "npm_config_http_proxy",
  "npm_config_https_proxy",
  "NPM_CONFIG_PROXY",
  "NPM_CONFIG_HTTP_PROXY",
  "NPM_CONFIG_HTTPS_PROXY",
  "BUNDLE_HTTP_PROXY",
  "BUNDLE_HTTPS_PROXY",
  "PIP_PROXY",
  "DOCKER_HTTP_PROXY",
  "DOCKER_HTTPS_PROXY",
];
const SOCKS_URL_NAMES = ["ALL_PROXY", "all_proxy", "FTP_PROXY", "ftp_proxy"];
const BYPASS_NAMES = [
  "NO_PROXY",
  "no_proxy",
  "npm_config_noproxy",
  "NPM_CONFIG_NOPROXY",
  "YARN_NO_PROXY",
  "BUNDLE_NO_PROXY",
];
const STATE_NAMES = [
  "CODEX_NETWORK_PROXY_ACTIVE",
  "CODEX_NETWORK_ALLOW_LOCAL_BINDING",
  "CODEX_NETWORK_PROXY_ATTRIBUTION",
  "ELECTRON_GET_USE_PROXY",
  "NODE_USE_ENV_PROXY",
  "GIT_SSH_COMMAND",
  "CODEX_PROXY_GIT_SSH_COMMAND",
];
const CA_NAMES = [
  "CODEX_CA_CERTIFICATE",
  "SSL_CERT_FILE",
  "REQUESTS_CA_BUNDLE",
  "CURL_CA_BUNDLE",
  "NODE_EXTRA_CA_CERTS",
  "GIT_SSL_CAINFO",
  "PIP_CERT",
  "BUNDLE_SSL_CA_CERT",
  "npm_config_cafile",
  "NPM_CONFIG_CAFILE",
  "CARGO_HTTP_CAINFO",
];

/** Local addresses that commands may reach themselves where local binding is allowed. */
const LOCAL_BYPASS = "localhost,127.0.0.1,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16";

const NAMES = [...HTTP_URL_NAMES, ...SOCKS_URL_NAMES, ...BYPASS_NAMES, ...STATE_NAMES, ...CA_NAMES];
const UPPER_CASE_NAMES: ReadonlySet<string> = new Set(NAMES.map((name) => name.toUpperCase()));

/** Every variable that leads commands to a managed proxy or lets them trust it. */
export function managedNetworkVariableNames(): readonly string[] {
  return NAMES;
}

/** Does a variable lead commands to a managed proxy, or let them trust it? Such ones have to pass when an environment is narrowed. */
export function isManagedNetworkVariable(name: string): boolean {
  return UPPER_CASE_NAMES.has(name.toUpperCase());
}

/** Where a proxy listens, and what it permits. */
export interface ProxyEndpoints {
  readonly httpPort: number;
  readonly socksPort: number | undefined;
  readonly allowLocalBinding: boolean;
}

/** The variables that lead commands to a proxy on loopback. */
export function proxyEnvironment(endpoints: ProxyEndpoints): Readonly<Record<string, string>> {
  const { httpPort, socksPort, allowLocalBinding } = endpoints;
  const httpUrl = `http://127.0.0.1:${httpPort}`;
  const socksUrl = socksPort === undefined ? httpUrl : `socks5h://127.0.0.1:${socksPort}`;
  const all = (names: readonly string[], value: string) => Object.fromEntries(names.map((name) => [name, value]));
  return {
    ...all(HTTP_URL_NAMES, httpUrl),
    ...all(SOCKS_URL_NAMES, socksUrl),
    ...all(BYPASS_NAMES, allowLocalBinding ? LOCAL_BYPASS : ""),
    CODEX_NETWORK_PROXY_ACTIVE: "1",
    CODEX_NETWORK_ALLOW_LOCAL_BINDING: allowLocalBinding ? "1" : "0",
    ELECTRON_GET_USE_PROXY: "true",
    NODE_USE_ENV_PROXY: "1",
  };
}
