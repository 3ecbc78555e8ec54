import type { CommandSpec } from "../command-line/command-spec.ts";
import { JSON_OPTION } from "../command-line/json-option.ts";
import { HELD_RECOVERY_SECONDS } from "../connect/held-recovery.ts";
import { EXECUTOR_OPTIONS } from "../executor/executor-options.ts";
import { recoverOption } from "../executor/recovery-time.ts";

/** `holdfast mcp` */
export const MCP_COMMAND: CommandSpec = {
  summary: "serve commands and files to an MCP client, confined; list, call and mend MCP servers",
  synopsis:
    "serve [OPTION]… | list [--tools] | call SERVER TOOL [ARGUMENTS] | login SERVER | logout SERVER | doctor [SERVER]",
  options: {
    ...EXECUTOR_OPTIONS,
    environments: {
      kind: "switch",
      about: "serve: all environments that `holdfast env list` lists; models name one by environment_id",
    },
    cwd: {
      kind: "text",
      value: "PATH",
      about: "serve: working folder of the tools; default this one, or that of the executor behind --url",
    },
    folder: {
      kind: "texts",
      value: "ID=PATH",
      about: "serve: the same for an environment of --environments; may be repeated",
    },
    sandbox: {
      kind: "text",
      value: "POLICY",
      choices: ["read-only", "workspace-write", "none"],
      about:
        "serve: what the tools may do: read-only, workspace-write, none; default workspace-write, or read-only where the working folder is the root or a home",
    },
    writable: { kind: "texts", value: "DIR", about: "serve: folder that may be written to as well; may be repeated" },
    deny: {
      kind: "texts",
      value: "PATH|GLOB",
      about: "serve: what may not even be read, with * ? [ as a pattern; may be repeated",
    },
    network: { kind: "switch", about: "serve: leave the network open to commands" },
    ask: {
      kind: "text",
      value: "WHEN",
      choices: ["never", "on-request", "on-failure"],
      about:
        "serve: when the user of a client that can ask is asked to let a command run without its sandbox: never, on-request of the model, or also on-failure in it; default on-request",
    },
    "recover-for": recoverOption(HELD_RECOVERY_SECONDS),
    config: {
      kind: "text",
      value: "FILE",
      about:
        "all but serve: where the servers are configured, in [mcp_servers] of TOML or mcpServers of JSON; default $CODEX_HOME/config.toml",
    },
    tools: { kind: "switch", about: "list: the tools of each server" },
    json: { ...JSON_OPTION, about: "list, call, doctor: print JSON" },
  },
  positionals: ["ACTION", "[SERVER]", "[TOOL]", "[ARGUMENTS]"],
  details: `
serve speaks MCP on its stdin and stdout; an MCP client starts it:

  claude mcp add holdfast -- npx -y holdfast mcp serve
  codex mcp add holdfast -- npx -y holdfast mcp serve --url ssh://devbox --cwd /srv/app

Everything its tools do is confined. workspace-write may read everything, and write below the working folder and in the temporary folders, but not to
.git, .agents, .codex and .aws there; read-only writes nothing. Neither has network. Where this can not be enforced, nothing is done, and the
result says what helps. none confines nothing.

A lost connection is dialled again, and commands that run there go on meanwhile. serve ends with its stdin, and ends the commands that it has started.

list, call and doctor start the servers that are configured, each in the environment that its configuration names, and end them again. ARGUMENTS is a JSON
object, or - for one on stdin. login signs in to a server that is reached by HTTP: it prints the address to open, and waits for the browser, or for the address
that the browser was sent to as a line on stdin. What it keeps is in $CODEX_HOME/.credentials.json, for Codex as well. doctor tells as well whether serve would work here, with the same options.`,
  load: () => import("./command.ts"),
};
