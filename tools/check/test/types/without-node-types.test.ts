import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CLIENT_PACKAGES, WITHOUT_NODE } from "../../src/packed/type-consumers.ts";
import { repositoryRoot } from "../../src/workspace.ts";

test("the clients' root entries compile with the platform's types alone, without those of Node", () => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-without-node-"));
  try {
    mkdirSync(join(folder, "node_modules", "@holdfast"), { recursive: true });
    for (const name of CLIENT_PACKAGES) {
      symlinkSync(join(repositoryRoot, "packages", name), join(folder, "node_modules", "@holdfast", name));
    }
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
    for (const [name, text] of Object.entries(WITHOUT_NODE.files)) writeFileSync(join(folder, name), text);
    const compilerOptions = { ...WITHOUT_NODE.options, module: "nodenext" };
    const files = Object.keys(WITHOUT_NODE.files);
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
    const { stdout } = spawnSync(join(repositoryRoot, "node_modules/.bin/tsc"), ["-p", ".", "--pretty", "false"], {
      cwd: folder,
      encoding: "utf8",
    });
    expect(stdout).toBe("");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
