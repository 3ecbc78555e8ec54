import type { CommandSpec } from "../command-line/command-spec.ts";

const FLAG = { kind: "switch" } as const;
const TEXT = { kind: "text", value: "VALUE" } as const;
const TEXTS = { kind: "texts", value: "VALUE" } as const;

/** `holdfast-agent exec`: the words of `codex exec`, as far as the official SDK says them. */
export const AGENT_EXEC_COMMAND: CommandSpec = {
  summary: "do what `codex exec --json` does, for programs that start it",
  synopsis: "--json [OPTIONS] [PROMPT] | resume ID [PROMPT]",
  options: {
    json: { ...FLAG, about: "print one event a line; there is no other way" },
    "experimental-json": { ...FLAG, about: "the same" },
    config: { ...TEXTS, short: "c", about: "NAME=VALUE: a member of the configuration, as TOML" },
    model: { ...TEXT, short: "m", about: "model to ask" },
    sandbox: { ...TEXT, short: "s", about: "read-only, workspace-write or danger-full-access" },
    cd: { ...TEXT, short: "C", about: "working folder" },
    "add-dir": { ...TEXTS, about: "folder that may be written to as well" },
    "skip-git-repo-check": { ...FLAG, about: "work outside a git repository, too" },
    "output-schema": { ...TEXT, about: "file with the JSON Schema of the last message" },
    "thread-source": { ...TEXT, about: "what a new thread is said to come from" },
    "cyber-access-program": {
      ...TEXT,
      about: "refused unless it is `standard`: only OpenAI's own provider has others",
    },
    ephemeral: { ...FLAG, about: "keep nothing of the thread" },
    image: { ...TEXTS, short: "i", about: "an image to look at" },
  },
  positionals: ["[resume]", "[ID]", "[PROMPT]"],
  load: () => import("./exec-command.ts"),
};
