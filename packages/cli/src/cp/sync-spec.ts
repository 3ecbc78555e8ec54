import type { CommandSpec } from "../command-line/command-spec.ts";
import { EXECUTOR_OPTIONS } from "../executor/executor-options.ts";
import { RECOVER_OPTION } from "../executor/recovery-time.ts";
import { FOLDER_OPTIONS } from "./folder-options.ts";

/** `holdfast sync` */
export const SYNC_COMMAND: CommandSpec = {
  summary: "make a folder on one side like a folder on the other",
  synopsis: "[--url URL] [--delete] [OPTIONS] SOURCE DESTINATION",
  options: {
    ...EXECUTOR_OPTIONS,
    "recover-for": RECOVER_OPTION,
    delete: { kind: "switch", about: "remove from DESTINATION what SOURCE does not have, but for what is left out" },
    ...FOLDER_OPTIONS,
  },
  positionals: ["SOURCE", "DESTINATION"],
  details: `
One of the two is remote:PATH. As cp -r SOURCE/. DESTINATION, which is made if it is not there.`,
  load: () => import("./sync-command.ts"),
};
