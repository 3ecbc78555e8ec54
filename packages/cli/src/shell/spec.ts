import type { CommandSpec } from "../command-line/command-spec.ts";
import { ESCAPE_OPTION } from "../exec/escape-option.ts";
import { EXECUTOR_OPTIONS } from "../executor/executor-options.ts";
import { RECOVER_OPTION } from "../executor/recovery-time.ts";

/** `holdfast shell` */
export const SHELL_COMMAND: CommandSpec = {
  summary: "a login shell on an executor, in this terminal",
  synopsis: "[--url URL] [--cwd PATH] [OPTION]…",
  options: {
    ...EXECUTOR_OPTIONS,
    cwd: { kind: "text", value: "PATH", about: "folder to begin in, on the executor; default the home folder there" },
    env: { kind: "texts", value: "NAME=VALUE", about: "variable for the shell; may be repeated" },
    sandbox: {
      kind: "text",
      value: "POLICY",
      choices: ["read-only", "workspace-write", "none"],
      about: "read-only, workspace-write or none; default none",
    },
    escape: ESCAPE_OPTION,
    "recover-for": RECOVER_OPTION,
  },
  positionals: [],
  endsAsCommand: true,
  details: `
Every key goes to the shell, which has the size of this terminal, also when that changes, and its TERM, COLORTERM and NO_COLOR. The
exit code is that of the shell. exec --tty runs a single command the same way.

A lost connection is a pause: the shell goes on, and so do the keys that were typed meanwhile. A line tells how long it has been
tried for.

At the start of a line:
  ~.   quit: the shell is ended; while there is no connection it is left, and its ID is told
  ~d   leave it running, and print its ID for attach
  ~?   list these
  ~~   send one ~
What is pasted is sent as it is. --escape takes another character in place of ~, or none.`,
  load: () => import("./command.ts"),
};
