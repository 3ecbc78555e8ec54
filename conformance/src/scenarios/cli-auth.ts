import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execCommand } from "../conversation.ts";
import type { CliScenario } from "../scenario.ts";

const TOKEN = "a-token-of-an-environment";

export const CLI_AUTH: readonly CliScenario[] = [
  {
    direction: "cli",
    id: "cli.auth-bearer-token",
    sentence:
      "an orchestrator works on an executor that asks for the token of its environment, and on no other with it",
    requirements: ["auth.credentials", "handshake.sequence"],
    essential: true,
    since: "0.160.0",
    cliSince: "0.169.0",
    async run(context) {
      const file = join(context.folder, "token");
      await writeFile(file, `${TOKEN}\n`, { mode: 0o600 });
      const args = ["--ws-auth", "capability-token", "--ws-token-file", file];
      await using executor = await context.serve({ args });
      const environment = (token: string) =>
        `default = "box"\ninclude_local = false\n[[environments]]\nid = "box"\nurl = "${executor.url}"\nauth_bearer_token = "${token}"\n`;
      const turns = [() => [execCommand("c1", "printf 'in-%s\\n' marker; pwd")]];
      const { outputs } = await context.converse(executor.url, turns, { environments: environment(TOKEN) });
      const output = outputs.get("c1") ?? "";
      for (const text of ["in-marker", context.folder]) assert.ok(output.includes(text), output);
      const refused = await context.converse(executor.url, turns, { environments: environment("other") });
      assert.ok(!(refused.outputs.get("c1") ?? "").includes("in-marker"), "it was let in with another token");
    },
  },
];
