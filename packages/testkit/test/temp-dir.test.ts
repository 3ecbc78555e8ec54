import { existsSync } from "node:fs";
import { mkdir, realpath, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { tempDir } from "@holdfast/testkit";
import { expect, test } from "vitest";

test("a temporary folder lies in the system's and is gone with everything in it afterwards", async () => {
  let path = "";
  {
    await using dir = await tempDir();
    ({ path } = dir);
    expect(dirname(path)).toBe(await realpath(tmpdir()));
    await mkdir(dir.join("a", "b"), { recursive: true });
    await writeFile(dir.join("a", "b", "c.txt"), "x");
    expect(existsSync(`${path}/a/b/c.txt`)).toBe(true);
  }
  expect(existsSync(path)).toBe(false);
});

test("what a link inside a temporary folder points to survives it", async () => {
  await using kept = await tempDir();
  await writeFile(kept.join("kept.txt"), "x");
  {
    await using dir = await tempDir();
    await symlink(kept.path, dir.join("link"));
  }
  expect(existsSync(kept.join("kept.txt"))).toBe(true);
});

test("two temporary folders are never the same", async () => {
  await using first = await tempDir();
  await using second = await tempDir();
  expect(first.path).not.toBe(second.path);
});
