import type { OptionSpec } from "../command-line/command-spec.ts";

/** For each command that starts confined ones. */
export const COMMAND_LIMIT_OPTIONS = {
  "command-memory": {
    kind: "text",
    value: "BYTES",
    about: "memory of a confined command with its descendants, e.g. 512M or 2G; default no limit",
  },
  "command-processes": {
    kind: "text",
    value: "N",
    about: "processes and threads of a confined command with its descendants; default 4096",
  },
} as const satisfies Readonly<Record<string, OptionSpec>>;
