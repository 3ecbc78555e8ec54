import type { CommandSpec } from "../command-line/command-spec.ts";
import { JSON_OPTION } from "../command-line/json-option.ts";

/** `holdfast doctor` */
export const DOCTOR_COMMAND: CommandSpec = {
  summary: "tell what this machine lacks, and the command that mends it",
  synopsis: "[--json]",
  options: { json: JSON_OPTION },
  positionals: [],
  details: "Exits with 1 when something is missing that no command can do without.",
  load: () => import("./command.ts"),
};
