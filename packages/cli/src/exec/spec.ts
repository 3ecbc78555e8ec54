import type { CommandSpec } from "../command-line/command-spec.ts";
import { EXECUTOR_OPTIONS } from "../executor/executor-options.ts";
import { RECOVER_OPTION } from "../executor/recovery-time.ts";
import { ESCAPE_OPTION } from "./escape-option.ts";

/** `holdfast exec` */
export const EXEC_COMMAND: CommandSpec = {
  summary: "run a command on an executor as if it ran here",
  synopsis: "[OPTION]… -- COMMAND [ARGUMENT]…",
  options: {
    ...EXECUTOR_OPTIONS,
    cwd: { kind: "text", value: "PATH", about: "working folder of the command, on the executor" },
    env: { kind: "texts", value: "NAME=VALUE", about: "variable for the command; may be repeated" },
    tty: { kind: "switch", about: "run it in a terminal, as large as the one here; stderr joins stdout" },
    sandbox: {
      kind: "text",
      value: "POLICY",
      choices: ["read-only", "workspace-write", "none"],
      about: "read-only, workspace-write or none; default none",
    },
    stdin: {
      kind: "text",
      value: "HOW",
      choices: ["stream", "file", "none"],
      about: "stream, file or none; default stream",
    },
    json: {
      kind: "switch",
      about: "tell failures of Holdfast's own as JSON on stderr, and the ID of --detach on stdout",
    },
    detach: { kind: "switch", about: "leave it running on --url, print the ID of its run and exit" },
    escape: ESCAPE_OPTION,
    "recover-for": RECOVER_OPTION,
  },
  positionals: [],
  takesCommand: true,
  endsAsCommand: true,
  details: `
Stdin, stdout and stderr pass through byte for byte. The exit code is that of the command, 128+n when signal n ended it;
255 for failures of Holdfast's own, 126 and 127 when the command could not be started, 141 when the reader of the output is gone, 143 after SIGTERM. The first SIGINT is
passed on to the command, a second one kills it. Started by nohup, it goes on after SIGHUP.

A lost connection is a pause: the command runs on, and what it printed meanwhile follows when there is a connection again,
for as long as --recover-for says.

Without --url the command runs on this machine, in this folder. It inherits the environment of the executor.

--sandbox asks the executor to confine the command; one that can not do so refuses to start it. read-only may read
everything and write nothing; workspace-write may also write below --cwd and in the temporary folders. Neither has network.

How stdin reaches the command:
  stream  as it comes. On an executor that can not close a pipe, as Codex's can not, a helper there (sh and head, or dd) takes it
          off the connection and fills a pipe that has no name, so that the command sees its end. An empty stdin,
          /dev/null for one, takes no helper.
  file    all of it first, into a file without a name in the executor's /dev/shm: for programs that seek.
  none    the command finds its stdin at its end.
With --tty, stdin goes to the terminal as it is, with ^D for its end; a terminal here is set to raw mode meanwhile, and ~. at the
start of a line quits, ~d leaves the command running, ~? lists these.

--detach prints one line, the ID of the run, and exits with 0. The command finds its stdin at its end, or a terminal with
--tty. It runs on for as long as the executor's serve --session-ttl says after the last client left it, then it is killed.
The ID is a secret: anyone who has it and can reach the executor may take the run up.`,
  load: () => import("./command.ts"),
};
