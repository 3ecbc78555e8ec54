import type { CommandSpec } from "../command-line/command-spec.ts";
import { ESCAPE_OPTION } from "../exec/escape-option.ts";
import { RUN_EXECUTOR_OPTIONS } from "../executor/executor-options.ts";
import { RECOVER_OPTION } from "../executor/recovery-time.ts";
import { ID_FILE_OPTION } from "../runs/id-file.ts";

/** `holdfast attach` */
export const ATTACH_COMMAND: CommandSpec = {
  summary: "take up a run that exec --detach left running",
  synopsis: "ID [--url URL]",
  options: {
    ...RUN_EXECUTOR_OPTIONS,
    "id-file": ID_FILE_OPTION,
    watch: { kind: "switch", about: "read along while another client has it; any number can" },
    "take-over": { kind: "switch", about: "read along, and type into it until ~. gives it back to its own client" },
    process: { kind: "text", value: "NAME", about: "with these two: which process of the session; default the run" },
    escape: ESCAPE_OPTION,
    "recover-for": RECOVER_OPTION,
  },
  positionals: ["[ID]"],
  endsAsCommand: true,
  details: `
Prints what the executor retained of the output (the newest 1 MiB) and follows it to the end; the exit code is that of the
command. What is no longer retained is told on stderr. With a terminal, keys go to the command;
at the start of a line ~. leaves it, and ~? says so.

ID may be cut to 4 characters or more where the run is recorded, which keeps the rest secret. Another machine needs the whole ID
and --url: --id-file keeps it from those who can list the programs of the machine. One client at a time, but for
--watch and --take-over.

--watch and --take-over leave the run with the client that has it, on executors of Holdfast; on others one client at a time can follow a
run. A reader along holds nobody up, and is told what it missed; SIGINT leaves. While the input is taken over, what its own client writes
waits, and the terminal has the size of this one; both come back after ~., with the end of a stdin that is no terminal, and a minute after this
program was lost. ID may be that of any session, such as executor.sessionId of a program with the SDK.

The first SIGINT is passed on to the command, a second one kills it. SIGTERM, SIGHUP and the loss of this program leave it
running.`,
  load: () => import("./command.ts"),
};
