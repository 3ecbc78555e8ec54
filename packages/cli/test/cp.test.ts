import { chmod, mkdir, readdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { BIN, Cli, everyByte, holdfast, lines, serve } from "./support/cli.ts";
import { heldBelow } from "./support/held-below.ts";

const SIZE = 5_000_000;

describe("cp", () => {
  test("copies a file up and down with its bytes and mode", async () => {
    await using here = await tempDir();
    await using there = await tempDir();
    await using server = await serve({ cwd: there.path });
    const bytes = everyByte(SIZE);
    await writeFile(here.join("file"), bytes);
    await chmod(here.join("file"), 0o751);
    const cp = (...args: string[]) => holdfast(["cp", "--url", server.url, ...args], { cwd: here.path });
    expect(await cp("file", "remote:copy")).toMatchObject({ code: 0, stderr: "" });
    expect((await readFile(there.join("copy"))).equals(bytes)).toBe(true);
    expect((await stat(there.join("copy"))).mode & 0o777).toBe(0o751);
    expect(await cp(`remote:${there.join("copy")}`, "back")).toMatchObject({ code: 0, stderr: "" });
    expect((await readFile(here.join("back"))).equals(bytes)).toBe(true);
    expect((await stat(here.join("back"))).mode & 0o777).toBe(0o751);
    expect([await readdir(here.path), await readdir(there.path)]).toEqual([["back", "file"], ["copy"]]);
  });

  test("copies an empty file", async () => {
    await using folder = await tempDir();
    await writeFile(folder.join("empty"), "");
    const cp = (...args: string[]) => holdfast(["cp", ...args], { cwd: folder.path });
    expect((await cp("empty", "remote:up")).code).toBe(0);
    expect((await cp("remote:up", "down")).code).toBe(0);
    expect(await readFile(folder.join("down"), "utf8")).toBe("");
  });

  test("puts a file into a folder", async () => {
    await using folder = await tempDir();
    await mkdir(folder.join("dir"));
    await writeFile(folder.join("a"), "new");
    const cp = (...args: string[]) => holdfast(["cp", ...args], { cwd: folder.path });
    for (const args of [
      ["a", "remote:dir"],
      ["remote:a", "dir"],
      ["remote:a", "remote:dir"],
    ] as const) {
      expect((await cp(...args)).code).toBe(0);
      expect(await readFile(folder.join("dir", "a"), "utf8")).toBe("new");
      expect(await readdir(folder.join("dir"))).toEqual(["a"]);
    }
  });

  test.each([
    ["a missing local file", ["nosuch", "remote:x"], /cannot read nosuch: no such file/],
    ["a missing remote file", ["remote:nosuch", "x"], /cannot read remote:nosuch: No such file/],
    ["a local folder", ["dir", "remote:x"], /dir is a folder/],
    ["a remote folder", ["remote:dir", "x"], /remote:dir is a folder/],
    ["a missing remote folder", ["file", "remote:nosuch/x"], /cannot write remote:.*nosuch\/x: No such file/],
    ["a missing local folder", ["remote:file", "nosuch/x"], /cannot write nosuch\/x: no such file/],
    ["a file as a folder", ["file", "remote:other/"], /remote:other\/ is no folder/],
    ["a file onto itself", ["remote:file", "remote:file"], /are the same file/],
  ])("tells in one line, with 1, about %s", async (_, args, expected) => {
    await using folder = await tempDir();
    await mkdir(folder.join("dir"));
    await writeFile(folder.join("file"), "content");
    const { code, stderr } = await holdfast(["cp", ...args], { cwd: folder.path });
    expect(code).toBe(1);
    expect(lines(stderr)).toEqual([expect.stringMatching(expected)]);
    expect(await readdir(folder.path)).toEqual(["dir", "file"]);
    expect(await readFile(folder.join("file"), "utf8")).toBe("content");
  });

  test("refuses two local paths with 2", async () => {
    const { code, stderr } = await holdfast(["cp", "a", "b"]);
    expect([code, lines(stderr).length]).toEqual([2, 1]);
  });

  test.each([
    ["up", ["big", "remote:copy"]],
    ["down", ["remote:big", "copy"]],
  ])("interrupted on the way %s, leaves nothing under any name", async (_, args) => {
    await using folder = await tempDir();
    await writeFile(folder.join("big"), "");
    // As large as it takes not to be done before the signal; it has no blocks on disk.
    await truncate(folder.join("big"), 20_000_000_000);
    await using server = await serve({ cwd: folder.path, isLookedInto: true });
    await using cli = new Cli(["cp", "--url", server.url, ...args], { cwd: folder.path });
    // On the way up the file has no name: the server holds it.
    const held = () => [server.child.pid, cli.child.pid].flatMap((pid) => heldBelow(pid, folder.path));
    await until(() => held().some((place) => place !== folder.join("big")));
    expect(await readdir(folder.path)).not.toContain("copy");
    cli.child.kill("SIGINT");
    const { code, stderr } = await cli.result();
    expect(code).toBe(130);
    expect(lines(stderr)).toEqual([expect.stringContaining("interrupted by SIGINT")]);
    expect(await readdir(folder.path)).toEqual(["big"]);
  });

  test("shows a progress bar on a terminal only", async () => {
    await using folder = await tempDir();
    await writeFile(folder.join("file"), everyByte(SIZE));
    const args = ["exec", "--tty", "--cwd", folder.path, "--", process.execPath, BIN, "cp", "file", "remote:copy"];
    const { code, stdout } = await holdfast(args);
    expect(code).toBe(0);
    expect(stdout.toString()).toMatch(/100% \[#+\] +4\.8 MiB +\S+ \S+\/s {2}file/);
  });
});
