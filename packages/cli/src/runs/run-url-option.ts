import type { OptionSpec } from "../command-line/command-spec.ts";

export const RUN_URL_OPTION: OptionSpec = {
  kind: "text",
  value: "URL",
  about: "executor the run is on; default: as recorded here, then HOLDFAST_URL, CODEX_EXEC_SERVER_URL",
};
