import type { OptionSpec } from "../command-line/command-spec.ts";
import { CREDENTIAL_OPTIONS } from "./credential-options.ts";

const PROGRAM_OPTION: OptionSpec = {
  kind: "text",
  value: "COMMAND",
  about:
    "reach the executor by a command that speaks on its stdin and stdout, e.g. 'docker exec -i box holdfast proxy'",
};

/** How a command is told which executor to use. */
export const EXECUTOR_OPTIONS = {
  url: {
    kind: "text",
    value: "URL",
    about:
      "executor to use: ws://, wss://, ssh://[USER@]HOST[:PORT], relay+https://HOST/ID, unix:///PATH, or unix:// for your own; default: HOLDFAST_URL, CODEX_EXEC_SERVER_URL, or one inside this process",
  },
  program: PROGRAM_OPTION,
  ...CREDENTIAL_OPTIONS,
  "no-background": {
    kind: "switch",
    about: "use no connection that another command has left ready, and leave none",
  },
} satisfies Readonly<Record<string, OptionSpec>>;

/** The same for a run, whose executor may be recorded here. */
export const RUN_EXECUTOR_OPTIONS = {
  url: {
    kind: "text",
    value: "URL",
    about: "executor the run is on; default: as recorded here, then HOLDFAST_URL, CODEX_EXEC_SERVER_URL",
  },
  program: PROGRAM_OPTION,
  ...CREDENTIAL_OPTIONS,
} satisfies Readonly<Record<string, OptionSpec>>;
