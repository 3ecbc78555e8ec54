import type { CommandSpec } from "../command-line/command-spec.ts";
import { COMMAND_LIMIT_OPTIONS } from "../executor/command-limit-options.ts";

/** `holdfast serve` */
export const SERVE_COMMAND: CommandSpec = {
  summary: "be an executor for others",
  synopsis: "[--listen ws://HOST:PORT|stdio]",
  options: {
    listen: {
      kind: "text",
      value: "URL",
      about: "ws://HOST:PORT or stdio; default ws://127.0.0.1:0 (any free port)",
    },
    "session-ttl": {
      kind: "text",
      value: "SECONDS",
      about: "how long a session waits for its client after a lost connection; default 120",
    },
    spool: {
      kind: "text",
      value: "DIR",
      about: "keep output in files there that no longer fits in memory; default: it is dropped",
    },
    "spool-limit": { kind: "text", value: "BYTES", about: "spooled output per process, e.g. 512M or 2G; default 1G" },
    limits: {
      kind: "text",
      isValueOptional: true,
      value: "[NAME=VALUE,…]",
      about: "set limits, e.g. maxProcesses=500,maxRetainedBytes=4M; alone: list them, the fixed ones too, and exit",
    },
    ...COMMAND_LIMIT_OPTIONS,
    "log-level": { kind: "text", value: "LEVEL", about: "off, error, warn, info or debug, on stderr; default off" },
    "log-format": { kind: "text", value: "FORMAT", about: "text, or json for one object a line; default text" },
    "log-commands": { kind: "switch", about: "record the arguments of commands, too: secrets are often among them" },
    "allow-unauthenticated-network": {
      kind: "switch",
      about: "serve beyond this machine: every client that reaches the port can run anything as you",
    },
    "allow-other-local-users": {
      kind: "switch",
      about: "let other users of this machine connect: they can run anything as you",
    },
    "ws-auth": {
      kind: "text",
      value: "KIND",
      about: "what clients must bring besides: capability-token; default nothing",
    },
    "ws-token-file": {
      kind: "text",
      value: "FILE",
      about: "holds the token, which clients send as Authorization: Bearer",
    },
    "allow-origin": {
      kind: "texts",
      value: "ORIGIN",
      about: "let web pages of this origin connect, if they bring the token; may be repeated",
    },
  },
  positionals: [],
  details: `
The first and only line on stdout is the URL that was bound. SIGTERM, SIGINT and SIGQUIT end it, and every process it
started, with exit code 0; so does SIGHUP where it has a terminal, unless nohup started it. HOST is an IP address or localhost.

From this machine only you and root may connect, and nothing that is confined. With --ws-auth capability-token they need the token
in --ws-token-file as well. Web pages are refused, but those of each --allow-origin, such as https://app.example, which need it.

A client whose connection is lost may come back within --session-ttl: until then its processes run on. What a finished
process has printed is kept for as long, and for 120 s at least. With 0, processes end with their connection.

Of each process the last 1 MiB of output is kept for such a client. With --spool, older output goes to a file, up to
--spool-limit; then the oldest is dropped. The files go with the process, and with the executor however it ends.

--command-memory and --command-processes bound each confined command, those beside a network proxy included; others run as they
do. Where a limit can't be kept, confined commands are refused; holdfast doctor says by what means it is kept here.

At level info the log says who connected, what was started and how it ended: the program and the number of its arguments, unless
--log-commands asks for all of them. What looks like a secret is left out, and whoever does not read the log delays nothing.

With stdio, it serves one connection on its own stdin and stdout, one message per line, and ends with its input.`,
  load: () => import("./command.ts"),
};
