export const ACTIONS = ["serve", "list", "call", "login", "logout", "doctor"] as const;
export type Action = (typeof ACTIONS)[number];

/** How many arguments follow each, at most. */
export const POSITIONALS: Readonly<Record<Action, number>> = {
  serve: 0,
  list: 0,
  call: 3,
  login: 1,
  logout: 1,
  doctor: 1,
};

const SERVING: readonly Action[] = ["serve", "doctor"];

/** Which actions an option is for. */
export const OWNERS: Readonly<Record<string, readonly Action[]>> = {
  url: SERVING,
  program: SERVING,
  "token-file": SERVING,
  ca: SERVING,
  "tls-cert": SERVING,
  "tls-key": SERVING,
  cwd: SERVING,
  sandbox: SERVING,
  writable: SERVING,
  deny: SERVING,
  network: SERVING,
  environments: ["serve"],
  folder: ["serve"],
  ask: ["serve"],
  "recover-for": ["serve"],
  config: ["list", "call", "login", "logout", "doctor"],
  tools: ["list"],
  json: ["list", "call", "doctor"],
};
