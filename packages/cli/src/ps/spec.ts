import type { CommandSpec } from "../command-line/command-spec.ts";
import { JSON_OPTION } from "../command-line/json-option.ts";

/** `holdfast ps` */
export const PS_COMMAND: CommandSpec = {
  summary: "list the runs that were left running from this machine",
  synopsis: "[--json]",
  options: { json: JSON_OPTION },
  positionals: [],
  details: `
STATE is running, exited with its code, gone (the executor knows it no more: it is listed this once), attached elsewhere, or
unreachable. To ask for a run takes it up for a moment, which restarts its time on the executor.`,
  load: () => import("./command.ts"),
};
