import type { CommandSpec } from "../command-line/command-spec.ts";
import { JSON_OPTION } from "../command-line/json-option.ts";
import { EXECUTOR_OPTIONS } from "../executor/executor-options.ts";

/** `holdfast ps` */
export const PS_COMMAND: CommandSpec = {
  summary: "list the runs that were left running from this machine",
  synopsis: "[--url URL] [--json]",
  options: {
    ...EXECUTOR_OPTIONS,
    url: { kind: "text", value: "URL", about: "only those on this executor; default: on whichever they are" },
    json: JSON_OPTION,
  },
  positionals: [],
  details: `
STATE is running, exited with its code, gone (the executor knows it no more: it is listed this once), attached elsewhere, or
unreachable. An executor tells of a run only who has its ID: runs of others are not listed. To ask for a run takes it up for a moment, which restarts its time on the executor.`,
  load: () => import("./command.ts"),
};
