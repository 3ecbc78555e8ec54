import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { type TempDir, tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { holdfast, serve } from "../support/cli.ts";

const PATCH = `*** Begin Patch
*** Update File: a
@@
-one
+two
*** Add File: d/n
+new
*** Delete File: gone
*** End Patch
`;

async function laid(): Promise<TempDir> {
  const folder = await tempDir();
  await mkdir(folder.join("repo"));
  await writeFile(folder.join("repo", "a"), "one\n");
  await chmod(folder.join("repo", "a"), 0o755);
  await writeFile(folder.join("repo", "gone"), "x\n");
  return folder;
}

function adding(path: string): string {
  return `*** Begin Patch\n*** Add File: ${path}\n+1\n*** End Patch\n`;
}

describe("holdfast patch", () => {
  test("applies a patch from stdin to the folder it is in", async () => {
    await using folder = await laid();
    const cwd = folder.join("repo");
    expect(await holdfast(["patch"], { cwd, stdin: PATCH })).toMatchObject({
      code: 0,
      stdout: Buffer.from("Success. Updated the following files:\nA d/n\nM a\nD gone\n"),
      stderr: "",
    });
    expect((await readdir(cwd)).sort()).toEqual(["a", "d"]);
    expect(await readFile(folder.join("repo", "a"), "utf8")).toBe("two\n");
    expect((await stat(folder.join("repo", "a"))).mode & 0o777).toBe(0o755);
  });

  test("applies one from a file on an executor behind a URL, below --cwd, and tells of it in JSON", async () => {
    await using folder = await laid();
    await using server = await serve({ cwd: folder.path });
    await writeFile(folder.join("change.patch"), PATCH);
    const args = ["patch", "--url", server.url, "--cwd", "repo", "--json", "change.patch"];
    const checked = await holdfast([...args, "--check"], { cwd: folder.path });
    expect(JSON.parse(checked.stdout.toString())).toMatchObject({ applied: false });
    expect(await readFile(folder.join("repo", "a"), "utf8")).toBe("one\n");
    const { code, stdout, stderr } = await holdfast(args, { cwd: folder.path });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout.toString())).toEqual({
      applied: true,
      changes: [
        { kind: "modify", path: "a", from: null, addedLines: 1, removedLines: 1 },
        { kind: "add", path: "d/n", from: null, addedLines: 1, removedLines: 0 },
        { kind: "delete", path: "gone", from: null, addedLines: 0, removedLines: 0 },
      ],
    });
    expect(await readFile(folder.join("repo", "d", "n"), "utf8")).toBe("new\n");
  });

  test("changes nothing when the patch does not apply, and exits with 1, also when it is only checked", async () => {
    await using folder = await laid();
    const cwd = folder.join("repo");
    await writeFile(folder.join("repo", "a"), "1\n");
    const { code, stderr } = await holdfast(["patch"], { cwd, stdin: PATCH });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `holdfast patch: the patch was not applied: Failed to find expected lines in ${cwd}/a:; one; nothing was changed\n`,
    });
    const checked = await holdfast(["patch", "--check"], { cwd, stdin: PATCH });
    expect(checked).toMatchObject({ code: 1 });
    expect(checked.stderr).toBe(
      `holdfast patch: the patch does not apply: Failed to find expected lines in ${cwd}/a:; one; nothing was changed\n`,
    );
    const json = await holdfast(["patch", "--json"], { cwd, stdin: PATCH });
    expect(JSON.parse(json.stdout.toString())).toEqual({
      applied: false,
      error: {
        code: "mismatch",
        message: `Failed to find expected lines in ${cwd}/a:\none`,
        path: `${cwd}/a`,
        line: null,
        remains: [],
      },
    });
    expect((await readdir(cwd)).sort()).toEqual(["a", "gone"]);
  });

  test("lets no path lead out of its folder, unless it is told to", async () => {
    await using folder = await laid();
    const cwd = folder.join("repo");
    await symlink("..", folder.join("repo", "up"));
    for (const path of ["../n", folder.join("n"), "up/n"]) {
      const { code, stderr } = await holdfast(["patch"], { cwd, stdin: adding(path) });
      expect(code).toBe(1);
      expect(stderr).toContain(`it leads out of ${cwd}, to ${folder.join("n")}; nothing was changed`);
    }
    expect(await readdir(folder.path)).toEqual(["repo"]);
    expect(await holdfast(["patch", "--unsafe-paths"], { cwd, stdin: adding("up/n") })).toMatchObject({ code: 0 });
    expect((await readdir(folder.path)).sort()).toEqual(["n", "repo"]);
  });

  test("is confined by --sandbox, whose workspace is --cwd", async () => {
    await using folder = await laid();
    const cwd = folder.path;
    const refused = await holdfast(["patch", "--sandbox", "read-only"], { cwd, stdin: adding("n") });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/Failed to write file .*\/n: EROFS: read-only file system; nothing was changed\n$/);
    const args = ["patch", "--sandbox", "workspace-write", "--cwd", "repo"];
    expect(await holdfast(args, { cwd, stdin: adding("n") })).toMatchObject({ code: 0, stderr: "" });
    expect((await readdir(folder.join("repo"))).sort()).toEqual(["a", "gone", "n"]);
  });

  test("refuses what is no patch in one line", async () => {
    await using folder = await laid();
    const cwd = folder.join("repo");
    const cases = [
      [
        Buffer.from("words"),
        "the patch was not applied: Invalid patch: The first line of the patch must be '*** Begin Patch'",
      ],
      [Buffer.alloc(0), "the patch was not applied: Invalid patch: The last line of the patch must be '*** End Patch'"],
      [Buffer.from([0xff]), "stdin is not UTF-8 text, as a patch has to be"],
      [Buffer.alloc(8_388_609, "a"), "stdin has more than 8388608 bytes, which no patch may have; split it"],
      [Buffer.from(adding("a\u001b[31m/b")), /^the patch was not applied: Failed to write file .*\/a\\u001b\[31m\/b: /],
    ] as const;
    await mkdir(folder.join("repo", "x"));
    await writeFile(folder.join("repo", "a\u001b[31m"), "");
    for (const [stdin, message] of cases) {
      const { code, stderr } = await holdfast(["patch"], { cwd, stdin });
      expect(code).toBe(1);
      expect(stderr.split("\n")).toHaveLength(2);
      const told = stderr.replace("holdfast patch: ", "");
      if (typeof message === "string") expect(told.startsWith(message)).toBe(true);
      else expect(told).toMatch(message);
    }
    const missing = await holdfast(["patch", "no such file"], { cwd });
    expect(missing).toMatchObject({ code: 1 });
    expect(missing.stderr).toMatch(/^holdfast patch: the patch can not be read: ENOENT/);
    expect(await holdfast(["patch", "--sandbox", "no"], { cwd, stdin: PATCH })).toMatchObject({ code: 2 });
    expect(await holdfast(["patch", "a", "b"], { cwd, stdin: PATCH })).toMatchObject({ code: 2 });
  });
});
