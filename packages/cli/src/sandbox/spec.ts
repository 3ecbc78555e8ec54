import type { CommandSpec } from "../command-line/command-spec.ts";
import { COMMAND_LIMIT_OPTIONS } from "../executor/command-limit-options.ts";

/** `holdfast sandbox` */
export const SANDBOX_COMMAND: CommandSpec = {
  summary: "run a command confined on this machine, or tell what it could touch",
  synopsis: "[OPTION]… -- COMMAND [ARGUMENT]… | --explain [OPTION]… PATH…",
  options: {
    profile: {
      kind: "text",
      value: "PROFILE",
      choices: ["read-only", "workspace-write", "none"],
      about: "read-only, workspace-write, none, or a FILE.json with a permission profile; default workspace-write",
    },
    cwd: { kind: "text", value: "PATH", about: "working folder of the command; default this one" },
    root: { kind: "texts", value: "DIR", about: "workspace root; may be repeated; default the working folder" },
    writable: { kind: "texts", value: "DIR", about: "folder that may be written to as well; may be repeated" },
    deny: {
      kind: "texts",
      value: "PATH|GLOB",
      about: "what may not even be read, with * ? [ as a pattern; may be repeated",
    },
    network: { kind: "switch", about: "leave the network open" },
    env: { kind: "texts", value: "NAME=VALUE", about: "variable for the command; may be repeated" },
    tty: { kind: "switch", about: "run it in a terminal, as large as the one here; stderr joins stdout" },
    ...COMMAND_LIMIT_OPTIONS,
    explain: { kind: "switch", about: "start nothing; tell the access to every PATH and the rule that decides it" },
    json: { kind: "switch", about: "with --explain: print JSON" },
  },
  positionals: ["[PATH]…"],
  takesCommand: "optional",
  endsAsCommand: true,
  details: `
Stdin, stdout, stderr and the exit code are those of the command, as with exec. read-only may read everything and write
nothing; workspace-write may also write below the workspace roots and in the temporary folders, but not to .git, .agents,
.codex and .aws there. Neither has network. Where this can not be enforced, nothing is started; holdfast doctor says why.

Relative paths start at --cwd, that of FILE.json at the folder you are in. The paths in FILE.json are absolute paths or
file: URIs.

--explain tells what the sandbox would do with what is there now. What the owner and mode of a file allow is another matter.`,
  load: () => import("./command.ts"),
};
