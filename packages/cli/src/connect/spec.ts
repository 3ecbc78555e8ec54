import type { CommandSpec } from "../command-line/command-spec.ts";
import { CREDENTIAL_OPTIONS } from "../executor/credential-options.ts";
import { EXECUTOR_OPTIONS } from "../executor/executor-options.ts";
import { recoverOption } from "../executor/recovery-time.ts";
import { HELD_RECOVERY_SECONDS } from "./held-recovery.ts";

/** `holdfast connect` */
export const CONNECT_COMMAND: CommandSpec = {
  summary: "stand for an executor elsewhere, and hold the line to it",
  synopsis: "--url URL [--listen ws://127.0.0.1:PORT|stdio]",
  options: {
    url: EXECUTOR_OPTIONS.url,
    program: EXECUTOR_OPTIONS.program,
    ...CREDENTIAL_OPTIONS,
    listen: {
      kind: "text",
      value: "URL",
      about: "where clients come, on this machine alone; default ws://127.0.0.1:0 (any free port)",
    },
    "recover-for": recoverOption(HELD_RECOVERY_SECONDS),
    "idle-timeout": {
      kind: "text",
      value: "SECONDS",
      about: "end when there was no client for so long; default: never",
    },
    "log-level": { kind: "text", value: "LEVEL", about: "off, error, warn, info or debug, on stderr; default warn" },
    "log-format": { kind: "text", value: "FORMAT", about: "text, or json for one object a line; default text" },
  },
  positionals: [],
  details: `
For programs that speak to executors and give up when the line is lost, such as Codex:

  export CODEX_EXEC_SERVER_URL=ws://127.0.0.1:7171
  holdfast connect --url wss://devbox.example --listen $CODEX_EXEC_SERVER_URL &

The first and only line on stdout is the URL for clients. Each of them has a session of its own on the executor, of Holdfast or of
Codex. While that is out of reach clients keep their connection: their calls wait, and what their processes did meanwhile follows, in order and once.
A call that was on its way is made again where that does no harm, and else refused in words that say it may have been done.

The executor has to keep the session for as long: see serve --session-ttl, 120 s by default; releases of Codex keep it for 30 or 80 s.

Only you and root may connect, and nothing that is confined. SIGTERM, SIGINT and SIGQUIT end it with exit code 0; what runs on the executor goes on
until its session is given up.`,
  load: () => import("./command.ts"),
};
