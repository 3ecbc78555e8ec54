import type { CommandSpec } from "../command-line/command-spec.ts";
import { JSON_OPTION } from "../command-line/json-option.ts";
import { EXECUTOR_OPTIONS } from "../executor/executor-options.ts";

/** `holdfast info` */
export const INFO_COMMAND: CommandSpec = {
  summary: "tell what an executor is and can do",
  synopsis: "[--url URL] [--json]",
  options: { ...EXECUTOR_OPTIONS, json: JSON_OPTION },
  positionals: [],
  load: () => import("./command.ts"),
};
