/** Lines of `[mcp_servers.S]` that are judged by a release and by us. */
export interface JudgedConfiguration {
  readonly lines: string;
  /** Why the two differ where they do; both refuse, or `isTaken` says who takes it. */
  readonly difference?: string;
  /** Who takes what the other refuses. */
  readonly isTaken?: "by us" | "by the release";
  /** The first release that reads it so. Default: all do. */
  readonly since?: string;
}

const KIND =
  "we tell no text that stands in the wrong place, which may be a secret, and say what is expected in words of TOML";
const DURATION = "we say what a time must be, and where it stands";
const TRANSPORT = "we say what is missing";
const ENTRY = "we say what an entry must be";
const HELPER = "0.169.0";
const SECRET = "0.169.0";

const STDIO = 'command = "x"';
const HTTP = 'url = "http://127.0.0.1:1/mcp"';

function stdio(...lines: readonly string[]): string {
  return [STDIO, ...lines].join("\n");
}

function http(...lines: readonly string[]): string {
  return [HTTP, ...lines].join("\n");
}

export const CONFIGURATIONS: readonly JudgedConfiguration[] = [
  { lines: STDIO },
  { lines: HTTP },
  { lines: stdio(HTTP) },
  { lines: stdio('bearer_token_env_var = "V"') },
  { lines: stdio('bearer_token = "V"') },
  { lines: stdio('http_headers = { a = "b" }') },
  { lines: stdio('env_http_headers = { a = "b" }') },
  { lines: stdio('http_headers_helper = "a"'), since: HELPER },
  { lines: stdio('oauth_resource = "a"') },
  { lines: stdio('oauth = { client_id = "a" }') },
  { lines: stdio('oauth_resource = "a"', 'oauth = { client_id = "a" }', 'env_http_headers = { a = "b" }') },
  { lines: stdio('scopes = ["a"]') },
  { lines: http('args = ["a"]') },
  { lines: http('env = { a = "b" }') },
  { lines: http('env_vars = ["a"]') },
  { lines: http('cwd = "/"') },
  { lines: http('bearer_token = "V"') },
  { lines: http('bearer_token = "V"', 'cwd = "/"', 'env_vars = ["a"]') },
  { lines: 'args = ["x"]', difference: TRANSPORT },
  { lines: "enabled = true", difference: TRANSPORT },
  { lines: "command = 5" },
  { lines: stdio('args = "a"'), difference: KIND },
  { lines: stdio("args = [5]") },
  { lines: stdio("env = { A = 5 }") },
  { lines: stdio("env = { A = true }") },
  { lines: stdio("cwd = 5") },
  { lines: stdio('cwd = "rel"') },
  { lines: stdio('env_vars = ["A", { name = "B" }, { name = "C", source = "remote" }]') },
  { lines: stdio('env_vars = [{ name = "A", source = "moon" }]') },
  { lines: stdio('env_vars = [{ source = "local" }]'), difference: ENTRY },
  { lines: stdio('env_vars = [{ name = "A", x = 1 }]'), difference: ENTRY },
  { lines: stdio("env_vars = [5]"), difference: ENTRY },
  { lines: stdio("startup_timeout_sec = -1"), difference: DURATION },
  { lines: stdio("startup_timeout_sec = nan"), difference: DURATION },
  { lines: stdio("startup_timeout_sec = 0") },
  { lines: stdio("startup_timeout_sec = 1.5") },
  { lines: stdio('startup_timeout_sec = "5"'), difference: KIND },
  { lines: stdio("startup_timeout_ms = 1500") },
  { lines: stdio("startup_timeout_ms = 1.5"), difference: KIND },
  { lines: stdio("startup_timeout_ms = -1"), difference: DURATION },
  { lines: stdio("tool_timeout_sec = -1"), difference: DURATION },
  { lines: stdio('enabled = "yes"'), difference: KIND },
  { lines: stdio("required = 1") },
  { lines: stdio('enabled_tools = "a"'), difference: KIND },
  { lines: stdio('default_tools_approval_mode = "never"') },
  { lines: stdio('default_tools_approval_mode = "writes"') },
  { lines: stdio('tools = { t = { approval_mode = "never" } }') },
  { lines: stdio("tools = { t = {} }") },
  { lines: stdio("supports_parallel_tool_calls = 1") },
  { lines: stdio("unknown_key = 1") },
  { lines: http("http_headers = { a = 5 }") },
  { lines: http('scopes = "a"'), difference: KIND },
  { lines: http('oauth = "a"'), difference: KIND },
  { lines: http("oauth = { client_id = 5 }") },
  { lines: http("oauth = {}") },
  { lines: http('oauth = { client_secret = "a" }'), since: SECRET },
  { lines: http('oauth = { client_id = "a", client_secret = "" }'), since: SECRET },
  { lines: http('http_headers_helper = " "'), since: HELPER },
  { lines: http('http_headers_helper = "a"'), since: HELPER },
  { lines: http('environment_id = "far"', 'http_headers_helper = "a"'), since: HELPER },
];
