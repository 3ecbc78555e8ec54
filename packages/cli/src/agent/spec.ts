import type { CommandSpec } from "../command-line/command-spec.ts";
import { JSON_OPTION } from "../command-line/json-option.ts";
import { SANDBOX_MODES } from "./agent-request.ts";

/** `holdfast agent` */
export const AGENT_COMMAND: CommandSpec = {
  summary: "let a model work on a task, with commands and files here or elsewhere",
  synopsis: "[--url URL | --environment ID] [--model NAME] [--sandbox MODE] [--json] [TASK]",
  options: {
    url: {
      kind: "text",
      value: "URL",
      about: "executor where the work is done: ws://, wss://, ssh://, relay+https:// or unix://",
    },
    environment: { kind: "text", value: "ID", about: "the same for one that `holdfast env list` lists" },
    folder: { kind: "text", value: "PATH", about: "working folder there; default that of the executor" },
    cwd: { kind: "text", value: "PATH", about: "working folder on this machine; default this one" },
    model: { kind: "text", short: "m", value: "NAME", about: "model to ask; default as configured" },
    sandbox: {
      kind: "text",
      short: "s",
      value: "MODE",
      choices: SANDBOX_MODES,
      about: `what commands may write to: ${SANDBOX_MODES.join(", ")}; default as configured, else read-only`,
    },
    config: {
      kind: "texts",
      short: "c",
      value: "NAME=VALUE",
      about: "a member of the configuration, as TOML; repeatable",
    },
    image: { kind: "texts", short: "i", value: "FILE", about: "an image to look at; repeatable" },
    "output-schema": { kind: "text", value: "FILE", about: "JSON Schema of the last message" },
    resume: { kind: "text", value: "ID", about: "go on with this thread" },
    ephemeral: { kind: "switch", about: "keep nothing of the thread" },
    json: { ...JSON_OPTION, about: "one event a line on stdout, as `codex exec --json` has them" },
  },
  positionals: ["[TASK]"],
  details: `
Models are asked as $CODEX_HOME/config.toml says (model, model_provider, [model_providers.ID]), or ~/.codex/config.toml. MCP servers, skills and AGENTS.md are used as
Codex uses them, and threads are kept where Codex has them: \`codex exec resume ID\` goes on with one. Without a task it is read from stdin.

  holdfast agent "why does the build fail?"
  holdfast agent --url ssh://devbox --folder /src/app --sandbox workspace-write "fix the failing test"

What the model says is written to stdout, what it does to stderr. Nobody is asked: what would have to be approved is refused. Exit code 0 when the turn was completed, 1
when it failed or was interrupted. SIGINT and SIGTERM interrupt it, and end all that it has started.`,
  load: () => import("./command.ts"),
};
