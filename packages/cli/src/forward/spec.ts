import type { CommandSpec } from "../command-line/command-spec.ts";
import { JSON_OPTION } from "../command-line/json-option.ts";
import { EXECUTOR_OPTIONS } from "../executor/executor-options.ts";
import { RECOVER_OPTION } from "../executor/recovery-time.ts";

/** `holdfast forward` */
export const FORWARD_COMMAND: CommandSpec = {
  summary: "listen here and connect on the executor's machine, or the other way round",
  synopsis: "[--url URL] [--reverse] [[BIND:]LOCAL:[HOST:]]REMOTE…",
  options: {
    ...EXECUTOR_OPTIONS,
    reverse: { kind: "switch", about: "listen on the executor's machine, and connect here" },
    "allow-other-machines": {
      kind: "switch",
      about: "with --reverse, listen on an address there that other machines reach",
    },
    json: JSON_OPTION,
    "recover-for": RECOVER_OPTION,
  },
  positionals: ["FORWARD…"],
  details: `
Prints a line for each, when it listens: what listens, and where it leads. Then it goes on until SIGINT or SIGTERM, with exit code 0.

  3000                     port 3000 here leads to port 3000 there
  8080:3000                port 8080 here leads to port 3000 there
  0:db:5432                any free port here leads to port 5432 of db, as the executor's machine knows it
  0.0.0.0:8080:web:80      of every address of this machine: others can connect; without it only this machine can
  [::1]:8080:[fd00::2]:80  IPv6 addresses stand in brackets
  ./db.sock:5432           a unix socket here, for this user alone
  2375:/run/docker.sock    to a unix socket there

With --reverse the first side is there and the last one here:

  --reverse 8080:3000      port 8080 there leads to port 3000 here
  --reverse /tmp/a.sock:22 a unix socket there, for the executor's user alone, leads to port 22 here

Bytes go in both directions at the pace of their reader, and each direction ends by itself. A lost connection is a pause. One that can
not be had at the other end is told in a line, and the client sees a reset. What listens there is closed when this command ends; when it is killed, after
the time that the executor keeps its session (holdfast serve --session-ttl).

Codex's executors have no connections of their own: there a program makes each (perl, python3, node, socat, nc or bash), and one of perl, python3 and node
listens.`,
  load: () => import("./command.ts"),
};
