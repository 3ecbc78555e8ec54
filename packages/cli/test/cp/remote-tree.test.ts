import { mkdir, symlink, writeFile } from "node:fs/promises";
import type { Executor } from "@holdfast/exec-client";
import { pathUriFromNative } from "@holdfast/path-uri";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Problems } from "../../../exec-client/src/transfer/problems.ts";
import { listRemoteTree, parseListing } from "../../../exec-client/src/transfer/remote-tree.ts";
import { openEmbedded } from "../../src/executor/open-executor.ts";

const signal = new AbortController().signal;

/** An executor whose `find` says this. */
function listing(stdout: string): Executor {
  return {
    environment: { pathConvention: "posix" },
    run: async () => ({ stdout: Buffer.from(stdout), stderr: Buffer.alloc(0), exitCode: 0, truncated: false }),
  } as unknown as Executor;
}

describe("parseListing", () => {
  test("reads names of any bytes, modes, sizes and targets", () => {
    const odd = Buffer.from([0xff, 0x0a, 0x20]);
    const bytes = Buffer.concat([
      Buffer.from("d 755 4096 \0\0f 4644 12 "),
      odd,
      Buffer.from("\0\0l 777 3 a b\0to/x\0p 600 0 p\0\0"),
    ]);
    expect(parseListing(bytes)).toEqual([
      { path: Buffer.alloc(0), kind: "folder", mode: 0o755, size: 4096 },
      { path: odd, kind: "file", mode: 0o644, size: 12 },
      { path: Buffer.from("a b"), kind: "link", mode: 0o777, size: 3, target: Buffer.from("to/x") },
      { path: Buffer.from("p"), kind: "special", mode: 0o600, size: 0 },
    ]);
  });

  test.each(["x", "f 644 1 a\0", "f rw 1 a\0\0", ".\0./a\0"])("refuses what is no listing: %j", (text) => {
    expect(() => parseListing(Buffer.from(text))).toThrow(/find on the executor/);
  });
});

describe("listRemoteTree", () => {
  test.each(["../x", "a/../../x", "/etc/passwd", "a//b", "."])(
    "takes no path that leads out of the folder: %s",
    async (path) => {
      const root = pathUriFromNative("/a", "posix");
      const listed = listRemoteTree(listing(`f 644 1 ${path}\0\0`), root, new Problems(() => {}), signal);
      await expect(listed).rejects.toThrow(/lists a path that is none/);
    },
  );

  test("given up by the user, ends with the user's reason", async () => {
    await using folder = await tempDir();
    await using opened = await openEmbedded({ env: process.env, cwd: folder.path });
    const stop = new AbortController();
    const root = pathUriFromNative("/", "posix");
    const listed = listRemoteTree(opened.executor, root, new Problems(() => {}), stop.signal);
    stop.abort(new Error("interrupted by the user"));
    await expect(listed).rejects.toThrow("interrupted by the user");
  });

  test("where there is no find, lists files and folders, and warns", async () => {
    await using folder = await tempDir();
    await mkdir(folder.join("sub", "empty"), { recursive: true });
    await writeFile(folder.join("sub", "file"), "content");
    await symlink("file", folder.join("sub", "link"));
    await using opened = await openEmbedded({ env: { PATH: "/nonexistent" }, cwd: folder.path });
    const told: string[] = [];
    const problems = new Problems((line, kind) => told.push(`${kind}: ${line}`));
    const entries = await listRemoteTree(opened.executor, pathUriFromNative(folder.path, "posix"), problems, signal);
    expect(entries.map(({ path, kind, mode }) => [path.toString(), kind, mode])).toEqual([
      ["", "folder", undefined],
      ["sub", "folder", undefined],
      ["sub/empty", "folder", undefined],
      ["sub/file", "file", undefined],
    ]);
    expect(told).toEqual([expect.stringMatching(/^warning: there is no GNU find/)]);
    expect(problems.count).toBe(0);
  });
});
