import type { OptionSpec } from "../command-line/command-spec.ts";

/** Other users of a machine see the arguments of every program. */
export const ID_FILE_OPTION: OptionSpec = {
  kind: "text",
  value: "FILE",
  about: "read ID from the first line of FILE, - for stdin: every user here can see the arguments of a program",
};
