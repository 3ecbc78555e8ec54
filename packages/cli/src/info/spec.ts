import type { CommandSpec } from "../command-line/command-spec.ts";
import { JSON_OPTION } from "../command-line/json-option.ts";
import { URL_OPTION } from "../executor/url-option.ts";

/** `holdfast info` */
export const INFO_COMMAND: CommandSpec = {
  summary: "tell what an executor is and can do",
  synopsis: "[--url URL] [--json]",
  options: { url: URL_OPTION, json: JSON_OPTION },
  positionals: [],
  load: () => import("./command.ts"),
};
