/** An `environments.toml` that is judged by a release and by us. */
export interface JudgedFile {
  readonly text: string;
  /** Why the words of the two differ where they do; they begin alike up to the last `: `, or not at all. */
  readonly difference?: string;
  /** The first release that reads it so. Default: all do. */
  readonly since?: string;
}

const PARSER = "each tells in its parser's words what is wrong";
const REDACTED = "we show no query and no password";
const VALUE = "we show no text in the place of another value: it may be a secret";
const TABLE = "we call a table a table";
const TOKENS = "0.169.0";

function entry(...lines: readonly string[]): string {
  return `[[environments]]\n${lines.join("\n")}\n`;
}

const A = 'id = "a"';
const URL_LINE = 'url = "ws://x"';

export const FILES: readonly JudgedFile[] = [
  { text: "" },
  { text: "include_local = false" },
  { text: 'default = "None"' },
  { text: 'default = " local "' },
  { text: entry(A, URL_LINE) },
  { text: entry('id = "Local"', URL_LINE) },
  { text: entry(A, 'url = "ws://x#part"') },
  { text: entry(A, 'program = "p"', 'cwd = ""') },
  { text: 'environments = [{ id = "a", url = "ws://x" }]' },
  { text: entry(A, URL_LINE, "skills = { required = ['x'] }"), since: TOKENS },
  { text: entry(A, 'url = "ws://localhost"', 'auth_bearer_token = ""'), since: TOKENS },
  { text: entry(A, 'url = "ws://127.9.9.9"', 'auth_bearer_token = " a b "'), since: TOKENS },
  { text: entry(A, 'url = "ws://[::1]:1"', 'auth_bearer_token = "t"'), since: TOKENS },
  { text: entry('id = ""', URL_LINE) },
  { text: entry('id = " a"', URL_LINE) },
  { text: entry('id = "local"', URL_LINE) },
  { text: entry('id = "NONE"', URL_LINE) },
  { text: entry(`id = "${"a".repeat(65)}"`, URL_LINE) },
  { text: entry('id = "a b"', URL_LINE) },
  { text: entry('id = "é"', URL_LINE) },
  { text: entry(A, URL_LINE) + entry(A, 'program = "p"') },
  { text: entry(A, URL_LINE) + entry(A, 'url = "http://x"') },
  { text: entry(A, URL_LINE, 'program = "p"') },
  { text: entry(A) },
  { text: entry(A, "args = []") },
  { text: entry(A, URL_LINE, "env = {}") },
  { text: entry(A, URL_LINE, 'cwd = "/"') },
  { text: entry(A, "args = []", "connect_timeout_sec = 1") },
  { text: entry(A, 'program = "p"', "connect_timeout_sec = 1") },
  { text: entry(A, 'program = ""', "connect_timeout_sec = 1") },
  { text: entry(A, 'program = "p"', 'auth_bearer_token = "t"'), since: TOKENS },
  { text: entry(A, 'program = "p"', "connect_timeout_sec = 1", 'auth_bearer_token = "t"'), since: TOKENS },
  { text: entry(A, URL_LINE, 'program = "p"', 'auth_bearer_token = "t"'), since: TOKENS },
  { text: entry(A, 'program = "  "') },
  { text: entry(A, 'url = "  "') },
  { text: entry(A, 'url = "http://x"') },
  { text: entry(A, 'url = "WS://x"') },
  { text: entry(A, 'url = "http://u:p@x/?k=1"'), difference: REDACTED },
  { text: entry(A, 'url = "ws://"'), difference: PARSER },
  { text: entry(A, 'url = "ws://[::1"'), difference: PARSER },
  { text: entry(A, 'url = "ws://x/a b"'), difference: PARSER },
  { text: entry(A, 'url = "ws://x/<1>"'), difference: PARSER },
  { text: 'default = " "' },
  { text: 'default = "q"' },
  { text: 'include_local = false\ndefault = "local"' },
  { text: `default = "q"\n${entry(A, URL_LINE)}${entry(A, URL_LINE)}` },
  { text: entry(A, URL_LINE, 'auth_bearer_token = "t"'), since: TOKENS },
  { text: entry(A, 'url = "ws://0.0.0.0"', 'auth_bearer_token = "t"'), since: TOKENS },
  { text: entry(A, 'url = "ws://localhost"', 'auth_bearer_token = "a\\nb"'), since: TOKENS },
  { text: "default =", difference: PARSER },
  { text: `${A}\n${A}`, difference: PARSER },
  { text: "foo = 1" },
  { text: "default = 5" },
  { text: "environments = 5" },
  { text: entry(A, URL_LINE, "foo = 1"), since: TOKENS },
  { text: entry(URL_LINE) },
  { text: entry("id = 5") },
  { text: entry(A, "args = [true]") },
  { text: entry(A, 'args = "x"'), difference: VALUE },
  { text: entry(A, 'connect_timeout_sec = "5"'), difference: VALUE },
  { text: entry(A, "env = []"), difference: TABLE },
  { text: entry(A, "skills = true"), difference: TABLE, since: TOKENS },
  { text: entry(A, "skills = { foo = 1 }"), since: TOKENS },
  { text: entry(A, "skills = { required = true }"), since: TOKENS },
  { text: entry(A, "connect_timeout_sec = -1") },
  { text: entry(A, "connect_timeout_sec = nan") },
  { text: entry(A, "initialize_timeout_sec = inf") },
  { text: entry(A, "initialize_timeout_sec = 1e300") },
];
