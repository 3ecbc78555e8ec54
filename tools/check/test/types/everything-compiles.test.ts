import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repositoryRoot } from "../../src/workspace.ts";

// Longer than any other test: the first time it compiles the whole repository. Later it looks at what has changed.
test("everything that is written compiles, tests and the assertions about types in them included", {
  timeout: 300_000,
}, () => {
  const { status, stdout } = spawnSync(join(repositoryRoot, "node_modules/.bin/tsc"), ["-b", "--pretty", "false"], {
    cwd: repositoryRoot,
    encoding: "utf8",
  });
  expect(stdout).toBe("");
  expect(status).toBe(0);
});
