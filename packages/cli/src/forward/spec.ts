import type { CommandSpec } from "../command-line/command-spec.ts";
import { JSON_OPTION } from "../command-line/json-option.ts";
import { EXECUTOR_OPTIONS } from "../executor/executor-options.ts";
import { RECOVER_OPTION } from "../executor/recovery-time.ts";

/** `holdfast forward` */
export const FORWARD_COMMAND: CommandSpec = {
  summary: "listen here, and connect on the executor's machine",
  synopsis: "[--url URL] [[BIND:]LOCAL:[HOST:]]REMOTE…",
  options: { ...EXECUTOR_OPTIONS, json: JSON_OPTION, "recover-for": RECOVER_OPTION },
  positionals: ["FORWARD…"],
  details: `
Prints a line for each, when it listens: what is here, and where it leads. Then it goes on until SIGINT or SIGTERM, with exit code 0.

  3000                     port 3000 here leads to port 3000 there
  8080:3000                port 8080 here leads to port 3000 there
  0:db:5432                any free port here leads to port 5432 of db, as the executor's machine knows it
  0.0.0.0:8080:web:80      of every address of this machine: others can connect; without it only this machine can
  [::1]:8080:[fd00::2]:80  IPv6 addresses stand in brackets
  ./db.sock:5432           a unix socket here, for this user alone

Bytes go in both directions at the pace of their reader, and each direction ends by itself. A lost connection is a pause. One that can
not be had there is told in a line, and the client here sees a reset.

Codex's executors have no connections of their own: there a program makes each (perl, python3, node, socat, nc or bash).`,
  load: () => import("./command.ts"),
};
