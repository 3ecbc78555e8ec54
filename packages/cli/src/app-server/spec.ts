import type { CommandSpec } from "../command-line/command-spec.ts";
import { APP_SERVER_OPTIONS } from "./options.ts";

/** `holdfast app-server` */
export const APP_SERVER_COMMAND: CommandSpec = {
  summary: "be an app server: commands, files, MCP servers, threads and turns for clients of Codex",
  synopsis: "[--listen stdio://|ws://IP:PORT|unix://[PATH]|off]",
  options: APP_SERVER_OPTIONS,
  positionals: [],
  details: `
Speaks the app-server protocol of Codex, so that its clients can be in front of it:

  holdfast app-server --listen ws://127.0.0.1:7777
  codex --remote ws://127.0.0.1:7777

Commands, files and MCP servers are on the environments that \`holdfast env list\` lists, \`local\` among them. Configuration, credentials and threads are in
$CODEX_HOME, or ~/.codex, where Codex has them.

With stdio:// it serves one client, one message per line, and ends with its input. Else it says on stderr where it listens, and SIGTERM, SIGINT and SIGQUIT end it
with exit code 0. unix:// is a socket in $CODEX_HOME/app-server-control that only you and root can open. What runs for a client alone ends with its connection; turns go on.

From this machine only you and root may connect, and nothing that is confined. An address that other machines can reach needs --ws-auth. Web pages are refused.
GET /readyz and /healthz are answered without credentials.`,
  load: () => import("./command.ts"),
};
