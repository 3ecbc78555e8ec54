import type { CommandSpec } from "../command-line/command-spec.ts";
import { SERVE_OPTIONS } from "./options.ts";

/** `holdfast serve` */
export const SERVE_COMMAND: CommandSpec = {
  summary: "be an executor for others",
  synopsis: "[--listen ws://HOST:PORT|wss://HOST:PORT|unix://[PATH]|stdio | --remote URL --environment-id ID]",
  options: SERVE_OPTIONS,
  positionals: [],
  details: `
The first and only line on stdout is the URL that was bound. SIGTERM, SIGINT and SIGQUIT end it, and every process it
started, with exit code 0; so does SIGHUP where it has a terminal, unless nohup started it. HOST is an IP address or localhost.

With unix:// it listens on a socket that only you and root can open: where nothing but --url unix:// looks for it, or at PATH. A socket that
a killed executor left there is replaced. Prefer it where no client needs a port: it is out of the reach of web pages and confined commands.

From this machine only you and root may connect, and nothing that is confined. With --ws-auth they need credentials as well, and with them other
machines may connect: capability-token is one secret word, in --ws-token-file or as --ws-token-sha256; signed-bearer-token is a JWT
that is signed (HS256) with --ws-shared-secret-file, has an exp, and the --ws-issuer and --ws-audience if those are given. Clients send
either as Authorization: Bearer. Web pages are refused, but those of each --allow-origin, such as https://app.example, which need it.

--tls-cert and --tls-key speak TLS (wss://), with --tls-client-ca to clients with a certificate alone. Files with secrets must be closed to
others (chmod 600).

A client whose connection is lost may come back within --session-ttl: until then its processes run on. What a finished
process has printed is kept for as long, and for 120 s at least. With 0, processes end with their connection.

Of each process the last 1 MiB of output is kept for such a client. With --spool, older output goes to a file, up to
--spool-limit; then the oldest is dropped. The files go with the process, and with the executor however it ends.

--command-memory and --command-processes bound each confined command, those beside a network proxy included; others run as they
do. Where a limit can't be kept, confined commands are refused; holdfast doctor says by what means it is kept here.

A --config file has the same settings in tables, such as listen, session-ttl, auth.token-file, spool.directory, log.level and
limits.maxProcesses; --check shows all names. Options win. Relative paths in it are relative to its folder. --check reads it, secrets
and certificates, and exits with 0, 1 where something can't be read or used, or 2 where a setting is wrong. SIGHUP reads
them anew, and where nothing is wrong changes secrets, certificates and the log's level.

At level info the log says who connected, what was started and how it ended: the program and the number of its arguments, unless
--log-commands asks for all of them. What looks like a secret is left out, and whoever does not read the log delays nothing.

With --remote it listens nowhere: it registers with the relay at that URL, stays connected, and clients find it as relay+https://HOST/ID, which is the line on
stdout. The token for it is in HOLDFAST_RELAY_TOKEN, then CODEX_API_KEY, or comes on stdin: as its first line with --registration-bearer-stdin; with
--executor-credential-stdin as lines of {"version":1,"environment_id":"ID","token":"…","expires_at":SECONDS}, the newest of which counts. What
clients say can't be read by the relay.

With stdio, it serves one connection on its own stdin and stdout, one message per line, and ends with its input.`,
  load: () => import("./command.ts"),
};
