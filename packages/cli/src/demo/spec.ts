import type { CommandSpec } from "../command-line/command-spec.ts";

/** `holdfast demo` */
export const DEMO_COMMAND: CommandSpec = {
  summary: "show the main job on this machine: a command, a terminal, a file, forty processes",
  synopsis: "",
  options: {},
  positionals: [],
  load: () => import("./command.ts"),
};
