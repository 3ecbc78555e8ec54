import type { OptionSpec } from "../command-line/command-spec.ts";

export const URL_OPTION: OptionSpec = {
  kind: "text",
  value: "URL",
  about: "executor to use, ws:// or wss://; default: HOLDFAST_URL, CODEX_EXEC_SERVER_URL, or one inside this process",
};
