import type { CommandSpec } from "../command-line/command-spec.ts";
import { JSON_OPTION } from "../command-line/json-option.ts";

/** `holdfast env` */
export const ENV_COMMAND: CommandSpec = {
  summary: "list the environments of an agent, look at one, or add one",
  synopsis: "list|info [ID]|add ID [OPTION]…",
  options: {
    json: { ...JSON_OPTION, about: "list, info: print JSON" },
    check: { kind: "switch", about: "list: connect to each, and tell which is there" },
    url: {
      kind: "text",
      value: "URL",
      about: "add: where it is: ws://, wss://, ssh://[USER@]HOST[:PORT], relay+https://HOST/ID or unix:///PATH",
    },
    program: {
      kind: "text",
      value: "COMMAND",
      about: "add: the command that leads to it by its stdin and stdout, e.g. 'docker exec -i box holdfast proxy'",
    },
    cwd: { kind: "text", value: "DIR", about: "add: where that command runs; default here" },
    env: { kind: "texts", value: "NAME=VALUE", about: "add: variable for that command; may be repeated" },
    "token-file": {
      kind: "text",
      value: "FILE",
      about: "add: holds the token that it asks for; wss://, relay+https://, or this machine",
    },
    "token-variable": {
      kind: "text",
      value: "NAME",
      about:
        "add: the variable that holds the token for a relay, whenever it is connected; default HOLDFAST_RELAY_TOKEN",
    },
    "connect-timeout": {
      kind: "text",
      value: "SECONDS",
      about: "add: how long to wait for the connection; default 10",
    },
    "initialize-timeout": {
      kind: "text",
      value: "SECONDS",
      about: "add: how long to wait for its first answer; default 10",
    },
    default: { kind: "switch", about: "add: use it where none is named" },
  },
  positionals: ["ACTION", "[ID]"],
  details: `
Environments are the machines that an agent works on. They stand in environments.toml in $CODEX_HOME, by default ~/.codex, which Codex reads as well:

  default = "devbox"

  [[environments]]
  id = "devbox"
  url = "wss://devbox.example"

Without that file, HOLDFAST_URL or CODEX_EXEC_SERVER_URL names the only one, remote; without that, it is this machine, local. In the file, local is
one of them unless include_local = false.

list connects to none of them without --check, and ends with 1 where one is not there. info connects to one, by default the default one. add writes the
file, which keeps its comments and order, and is closed to other users when a token comes in. ssh://, unix:// and relay+https:// are not understood by Codex.`,
  load: () => import("./command.ts"),
};
