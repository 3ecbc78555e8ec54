import type { CommandSpec } from "../command-line/command-spec.ts";
import { JSON_OPTION } from "../command-line/json-option.ts";
import { EXECUTOR_OPTIONS } from "../executor/executor-options.ts";
import { RECOVER_OPTION } from "../executor/recovery-time.ts";

/** `holdfast patch` */
export const PATCH_COMMAND: CommandSpec = {
  summary: "apply a patch to files of an executor: all of it or nothing",
  synopsis: "[--url URL] [--check] [OPTION]… [FILE]",
  options: {
    ...EXECUTOR_OPTIONS,
    "recover-for": RECOVER_OPTION,
    check: { kind: "switch", about: "write nothing; tell whether it applies, by the exit code as well" },
    cwd: {
      kind: "text",
      value: "PATH",
      about: "folder on the executor that its paths start at; default the working folder there",
    },
    sandbox: {
      kind: "text",
      value: "POLICY",
      choices: ["read-only", "workspace-write", "none"],
      about: "read-only, workspace-write or none; default none",
    },
    "unsafe-paths": {
      kind: "switch",
      about: "let paths lead out of the folder, by .., from the root, or through links",
    },
    json: JSON_OPTION,
  },
  positionals: ["[FILE]"],
  details: `
The patch is read from FILE here, or from stdin. It is written as Codex and other agents write it:

  *** Begin Patch
  *** Add File: new.txt
  +each line of a new file begins with a plus
  *** Update File: src/old.ts
  *** Move to: src/new.ts
  @@ function above() {
   a line that stays
  -a line that goes
  +a line that comes
  *** Delete File: gone.txt
  *** End Patch

"*** Move to" and the words after @@ may be left away. Lines are found by what is in them, not by numbers; blanks at their ends, and typographic
quotes and dashes, make no difference where nothing fits exactly. Modes, owners, hard links and line ends are kept, links are written through.

When it does not apply, nothing is changed, and the exit code is 1. It is worked out first, written beside its places, and put there when no file
has changed meanwhile; what fails then is undone, also after a lost connection.`,
  load: () => import("./command.ts"),
};
