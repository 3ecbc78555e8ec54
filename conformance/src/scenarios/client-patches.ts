import assert from "node:assert/strict";
import { chmod, link, mkdir, readdir, readFile, readlink, stat, symlink, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "@holdfast/exec-client";
import { applyPatch, isPatchError, type PatchErrorCode } from "@holdfast/orchestrator";
import type { ClientScenario } from "../scenario.ts";

function patch(...lines: readonly string[]): string {
  return `*** Begin Patch\n${lines.map((line) => `${line}\n`).join("")}*** End Patch\n`;
}

function failingWith(code: PatchErrorCode, text: RegExp) {
  return (error: unknown): boolean =>
    isPatchError(error) && error.code === code && text.test(error.message) && error.remains.length === 0;
}

/** Names of a folder, without the places that a sandbox protects as long as it is in use. */
async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names.filter((name) => ![".git", ".agents", ".codex", ".aws"].includes(name)).sort();
}

const READY = "*** Update File: a";

export const CLIENT_PATCHES: readonly ClientScenario[] = [
  {
    direction: "client",
    id: "client.patch",
    sentence: "a patch is applied as a whole, and keeps modes, hard links, links and line ends",
    requirements: ["fs.write-file", "fs.remove"],
    essential: true,
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      const at = (...names: string[]): string => join(context.folder, "repo", ...names);
      await mkdir(at());
      await writeFile(at("a"), "one\r\ntwo\r\n");
      await chmod(at("a"), 0o750);
      await link(at("a"), at("same"));
      await writeFile(at("tool"), "x\n");
      await chmod(at("tool"), 0o755);
      await writeFile(at("gone"), "x\n");
      await symlink("same", at("link"));
      await symlink("same", at("old-link"));
      const text = patch(
        ...[READY, "@@ one", "-two", "+2"],
        ...["*** Update File: tool", "*** Move to: bin/tool", "@@", "-x", "+y"],
        ...["*** Add File: deep/new/file", "+new"],
        ...["*** Delete File: gone", "*** Delete File: old-link"],
      );
      const { summary, remains } = await applyPatch(executor, text, { cwd: at() });
      assert.equal(
        summary,
        "Success. Updated the following files:\nA deep/new/file\nM a\nM bin/tool\nD gone\nD old-link\n",
      );
      assert.deepEqual(remains, []);
      assert.equal(await readFile(at("same"), "utf8"), "one\r\n2\r\n");
      const [one, other] = await Promise.all([stat(at("a")), stat(at("same"))]);
      assert.equal(one.ino, other.ino);
      assert.equal(one.mode & 0o777, 0o750);
      assert.equal((await stat(at("bin/tool"))).mode & 0o777, 0o755);
      assert.equal(await readFile(at("bin/tool"), "utf8"), "y\n");
      assert.deepEqual(await namesIn(at()), ["a", "bin", "deep", "link", "same"]);
      assert.equal(await readlink(at("link")), "same");
      assert.deepEqual(await readdir(at("bin")), ["tool"]);
    },
  },
  {
    direction: "client",
    id: "client.patch-undone",
    sentence: "a patch that fails in the middle leaves nothing, also where the executor refuses the last of its files",
    requirements: ["fs.write-file", "fs.remove"],
    essential: true,
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      const at = (...names: string[]): string => join(context.folder, "repo", ...names);
      await mkdir(at(), { recursive: true });
      await mkdir(join(context.folder, "outside"));
      await writeFile(join(context.folder, "outside", "b"), "one\n");
      await symlink(join(context.folder, "outside"), at("l"));
      await writeFile(at("a"), "one\n");
      await chmod(at("a"), 0o640);
      await writeFile(at("gone"), "x\n");
      const cases = [
        [failingWith("mismatch", /^Failed to find expected lines in /), [READY, "@@", "-two"], undefined],
        [failingWith("file", /^Failed to delete file /), ["*** Delete File: no"], undefined],
        [failingWith("file", /^Failed to write file .*nothing was changed$/s), ["*** Add File: a/below"], undefined],
        // Through a link out of what may be written.
        [
          failingWith("file", /^Failed to write file .*nothing was changed$/s),
          ["*** Update File: l/b", "@@", "-one", "+two"],
          { write: [at()] },
        ],
      ] as const;
      for (const [refused, lines, sandbox] of cases) {
        const isUnderPatch = lines[0] === READY;
        const first = isUnderPatch ? [] : [READY, "@@", "-one", "+1"];
        const text = patch("*** Add File: new/x", "+x", ...first, "*** Delete File: gone", ...lines);
        await assert.rejects(applyPatch(executor, text, { cwd: at(), sandbox }), refused);
        assert.deepEqual(await namesIn(at()), ["a", "gone", "l"]);
        assert.equal(await readFile(at("a"), "utf8"), "one\n");
        assert.equal((await stat(at("a"))).mode & 0o777, 0o640);
        assert.equal(await readFile(at("gone"), "utf8"), "x\n");
      }
      assert.equal(await readFile(join(context.folder, "outside", "b"), "utf8"), "one\n");
      // Two names of one file: seen where looking is cheap, noticed in time elsewhere.
      await link(at("a"), at("a-too"));
      const twice = patch(READY, "@@", "-one", "+one", "+two", "*** Update File: a-too", "@@", "-one", "+1", "+3");
      if (executor.environment.capabilities.holdfastFiles) {
        await applyPatch(executor, twice, { cwd: at() });
        assert.equal(await readFile(at("a-too"), "utf8"), "1\n3\ntwo\n");
        await writeFile(at("a"), "one\n");
      } else {
        const noticed = failingWith("changed", /or is another name of a file in it; nothing was changed$/);
        await assert.rejects(applyPatch(executor, twice, { cwd: at() }), noticed);
        assert.equal(await readFile(at("a-too"), "utf8"), "one\n");
      }
      await unlink(at("a-too"));
      const confined = patch(READY, "@@", "-one", "+two", "*** Add File: d/e", "+1", "*** Delete File: gone");
      await applyPatch(executor, confined, { cwd: at(), sandbox: { write: [at()] } });
      assert.deepEqual(await namesIn(at()), ["a", "d", "l"]);
      assert.equal(await readFile(at("a"), "utf8"), "two\n");
    },
  },
];
