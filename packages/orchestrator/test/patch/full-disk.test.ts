import { mkdir, readdir, readFile, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mountSmallDisk } from "@holdfast/testkit";
import { afterAll, describe, expect, test } from "vitest";
import { applyPatch, type PatchError } from "../../src/index.ts";
import { patchMachine, patchOf } from "./patch-machine.ts";

const disk = mountSmallDisk(512);
afterAll(() => {
  if ("path" in disk) disk.unmount();
});

const LARGE = `+${"x".repeat(1023)}`;

describe.skipIf("reason" in disk)("a disk that is full", () => {
  test("shows before anything is changed, and nothing is left behind", async () => {
    if (!("path" in disk)) return;
    await using at = await patchMachine();
    const root = join(disk.path, "repo");
    await mkdir(root);
    await writeFile(join(root, "a"), `${"a".repeat(99_999)}\n`);
    await writeFile(join(root, "b"), "b\n");
    const before = (await statfs(root)).bfree;
    const text = patchOf(
      ...["*** Update File: b", "@@", "-b", "+B"],
      ...["*** Update File: a", "@@", ...Array.from({ length: 100 }, () => LARGE)],
      ...["*** Add File: d/n", ...Array.from({ length: 400 }, () => LARGE)],
    );
    const error = await applyPatch(at.executor, text, { cwd: root }).catch((thrown: PatchError) => thrown);
    expect(error).toMatchObject({ code: "file", remains: [] });
    expect((error as PatchError).message).toMatch(/^Failed to write file .*: ENOSPC: .*; nothing was changed$/);
    expect((await readdir(root)).sort()).toEqual(["a", "b"]);
    expect(await readFile(join(root, "b"), "utf8")).toBe("b\n");
    expect((await statfs(root)).bfree).toBe(before);
  });

  test("keeps what a patch made room for: it is applied where it fits just so", async () => {
    if (!("path" in disk)) return;
    await using at = await patchMachine();
    const root = join(disk.path, "fits");
    await mkdir(root);
    await writeFile(join(root, "a"), "a\n");
    const text = patchOf(
      ...["*** Update File: a", "@@", "-a", ...Array.from({ length: 60 }, () => LARGE)],
      ...["*** Add File: n", ...Array.from({ length: 60 }, () => LARGE)],
    );
    await applyPatch(at.executor, text, { cwd: root });
    expect((await readdir(root)).sort()).toEqual(["a", "n"]);
    expect((await readFile(join(root, "a"))).byteLength).toBe(60 * 1024);
  });
});
