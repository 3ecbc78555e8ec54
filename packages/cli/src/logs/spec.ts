import type { CommandSpec } from "../command-line/command-spec.ts";
import { RUN_EXECUTOR_OPTIONS } from "../executor/executor-options.ts";
import { RECOVER_OPTION } from "../executor/recovery-time.ts";
import { ID_FILE_OPTION } from "../runs/id-file.ts";

/** `holdfast logs` */
export const LOGS_COMMAND: CommandSpec = {
  summary: "print what a run that was left running has printed",
  synopsis: "ID [-f] [--url URL]",
  options: {
    json: {
      kind: "switch",
      about: "print a line of JSON for each piece of output, its bytes in base64, and for the end",
    },
    follow: { kind: "switch", short: "f", about: "go on until the run ends" },
    ...RUN_EXECUTOR_OPTIONS,
    "id-file": ID_FILE_OPTION,
    "recover-for": RECOVER_OPTION,
  },
  positionals: ["[ID]"],
  details: `
Prints what the executor retained of the output (the newest 1 MiB), stderr to stderr. Exits with 0, also when the run failed. A
run that another client is attached to can not be read.`,
  load: () => import("./command.ts"),
};
