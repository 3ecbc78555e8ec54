import type { CommandSpec } from "../command-line/command-spec.ts";
import { RUN_EXECUTOR_OPTIONS } from "../executor/executor-options.ts";
import { RECOVER_OPTION } from "../executor/recovery-time.ts";
import { ID_FILE_OPTION } from "../runs/id-file.ts";

/** `holdfast kill` */
export const KILL_COMMAND: CommandSpec = {
  summary: "send a signal to a run that was left running, or lost",
  synopsis: "ID [--signal SIGNAL] [--url URL]",
  options: {
    signal: { kind: "text", short: "s", value: "SIGNAL", about: "its name or number; default TERM" },
    ...RUN_EXECUTOR_OPTIONS,
    "id-file": ID_FILE_OPTION,
    "recover-for": RECOVER_OPTION,
  },
  positionals: ["[ID]"],
  details: `
The signal goes to the whole process group; KILL also ends what left the group. A run takes note of a signal as it likes: ps
tells what became of it, logs what it has printed. One that has ended takes no signal, which is told, with the exit code 1.

On Codex's executors KILL and INT work for every run.`,
  load: () => import("./command.ts"),
};
