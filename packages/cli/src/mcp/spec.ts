import type { CommandSpec } from "../command-line/command-spec.ts";
import { HELD_RECOVERY_SECONDS } from "../connect/held-recovery.ts";
import { EXECUTOR_OPTIONS } from "../executor/executor-options.ts";
import { recoverOption } from "../executor/recovery-time.ts";

/** `holdfast mcp` */
export const MCP_COMMAND: CommandSpec = {
  summary: "give an MCP client commands and files, here or on another machine, sandboxed",
  synopsis: "serve [OPTION]…",
  options: {
    ...EXECUTOR_OPTIONS,
    cwd: {
      kind: "text",
      value: "PATH",
      about: "working folder of the tools; default this one, or that of the executor behind --url",
    },
    sandbox: {
      kind: "text",
      value: "POLICY",
      choices: ["read-only", "workspace-write", "none"],
      about:
        "what the tools may do: read-only, workspace-write, none; default workspace-write, or read-only where the working folder is the root or a home",
    },
    writable: { kind: "texts", value: "DIR", about: "folder that may be written to as well; may be repeated" },
    deny: {
      kind: "texts",
      value: "PATH|GLOB",
      about: "what may not even be read, with * ? [ as a pattern; may be repeated",
    },
    network: { kind: "switch", about: "leave the network open to commands" },
    ask: {
      kind: "text",
      value: "WHEN",
      choices: ["never", "on-request", "on-failure"],
      about:
        "when the user of a client that can ask is asked to let a command run without its sandbox: never, on-request of the model, or also on-failure in it; default on-request",
    },
    "recover-for": recoverOption(HELD_RECOVERY_SECONDS),
  },
  positionals: ["ACTION"],
  details: `
serve speaks MCP on its stdin and stdout; an MCP client starts it:

  claude mcp add holdfast -- npx -y holdfast mcp serve
  codex mcp add holdfast -- npx -y holdfast mcp serve --url ssh://devbox --cwd /srv/app

Everything its tools do is confined. workspace-write may read everything, and write below the working folder and in the temporary folders, but not to
.git, .agents, .codex and .aws there; read-only writes nothing. Neither has network. Where this can not be enforced, nothing is done, and the
result says what helps. none confines nothing.

A lost connection is dialled again, and commands that run there go on meanwhile. It ends with its stdin, and so does what its tools have
started on this machine.`,
  load: () => import("./command.ts"),
};
