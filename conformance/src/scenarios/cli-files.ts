import assert from "node:assert/strict";
import { access, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execCommand } from "../conversation.ts";
import type { CliScenario } from "../scenario.ts";

const PATCH = `*** Begin Patch
*** Add File: deep/new.txt
+added line
*** Update File: old.txt
@@
 first
-second
+changed
 third
*** Delete File: gone.txt
*** End Patch`;

export const CLI_FILES: readonly CliScenario[] = [
  {
    direction: "cli",
    id: "cli.apply-patch",
    sentence: "apply_patch adds, changes and deletes files on the executor",
    requirements: ["fs.read-file", "fs.write-file", "fs.create-directory", "fs.metadata", "fs.remove"],
    essential: true,
    async run(context) {
      const file = (name: string): string => join(context.folder, name);
      await writeFile(file("old.txt"), "first\nsecond\nthird\n");
      await writeFile(file("gone.txt"), "bye\n");
      await using executor = await context.serve();
      const { outputs } = await context.converse(executor.url, [
        () => [execCommand("c1", `apply_patch <<'EOF'\n${PATCH}\nEOF`)],
      ]);
      assert.match(outputs.get("c1") ?? "", /Success/);
      assert.equal(await readFile(file("deep/new.txt"), "utf8"), "added line\n");
      assert.equal(await readFile(file("old.txt"), "utf8"), "first\nchanged\nthird\n");
      await assert.rejects(access(file("gone.txt")));
    },
  },
  {
    direction: "cli",
    id: "cli.apply-patch-refused",
    sentence: "a patch that does not fit changes nothing and says so",
    requirements: ["fs.read-file"],
    essential: false,
    async run(context) {
      const path = join(context.folder, "old.txt");
      await writeFile(path, "something else\n");
      await using executor = await context.serve();
      const patch = "*** Begin Patch\n*** Update File: old.txt\n@@\n-second\n+changed\n*** End Patch";
      const { outputs } = await context.converse(executor.url, [
        () => [execCommand("c1", `apply_patch <<'EOF'\n${patch}\nEOF`)],
      ]);
      assert.match(outputs.get("c1") ?? "", /Failed to find expected lines|verification failed/i);
      assert.equal(await readFile(path, "utf8"), "something else\n");
    },
  },
  {
    direction: "cli",
    id: "cli.agents-md",
    sentence: "the executor's AGENTS.md is part of what the model is told",
    requirements: ["fs.read-file", "fs.metadata", "fs.not-found"],
    essential: true,
    async run(context) {
      await writeFile(join(context.folder, "AGENTS.md"), "Always answer in verse 7319.\n");
      await using executor = await context.serve();
      const { firstRequest } = await context.converse(executor.url, [() => [execCommand("c1", "true")]]);
      assert.ok(firstRequest.includes("Always answer in verse 7319."));
    },
  },
];
