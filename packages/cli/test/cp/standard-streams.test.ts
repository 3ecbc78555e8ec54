import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Cli, everyByte, holdfast, lines, serve } from "../support/cli.ts";
import { heldBelow } from "../support/held-below.ts";

const SIZE = 3_000_000;

describe("cp", () => {
  test.each(["-", "/dev/stdin"])("writes what comes from stdin, named %s", async (name) => {
    await using folder = await tempDir();
    const content = everyByte(SIZE);
    const { code, stderr } = await holdfast(["cp", name, "remote:file"], { cwd: folder.path, stdin: content });
    expect([code, stderr]).toEqual([0, ""]);
    expect((await readFile(folder.join("file"))).equals(content)).toBe(true);
    expect(await readdir(folder.path)).toEqual(["file"]);
  });

  test.each(["-", "/dev/stdout"])("writes a file to stdout, named %s", async (name) => {
    await using folder = await tempDir();
    const content = everyByte(SIZE);
    await writeFile(folder.join("file"), content);
    const { code, stdout, stderr } = await holdfast(["cp", "remote:file", name], { cwd: folder.path });
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout.equals(Buffer.from(content))).toBe(true);
    expect(await readdir(folder.path)).toEqual(["file"]);
  });

  test("leaves what was there when stdin is interrupted", async () => {
    await using folder = await tempDir();
    await writeFile(folder.join("file"), "old");
    await using server = await serve({ cwd: folder.path, isLookedInto: true });
    const args = ["cp", "--url", server.url, "-", "remote:file"];
    await using cli = new Cli(args, { cwd: folder.path, stdin: "open-pipe" });
    cli.child.stdin?.write("new");
    await until(() => heldBelow(server.child.pid, folder.path).length > 0);
    cli.child.kill("SIGINT");
    expect((await cli.result()).code).toBe(130);
    expect(await readFile(folder.join("file"), "utf8")).toBe("old");
    await until(async () => (await readdir(folder.path)).join() === "file");
  });

  test("has no name for stdin in a folder, and no stream for a folder", async () => {
    await using folder = await tempDir();
    await mkdir(folder.join("dir"));
    const named = await holdfast(["cp", "-", "remote:dir"], { cwd: folder.path, stdin: "x" });
    expect([named.code, lines(named.stderr)]).toEqual([1, [expect.stringContaining("name a file in it")]]);
    const whole = await holdfast(["cp", "-r", "remote:dir", "-"], { cwd: folder.path });
    expect([whole.code, lines(whole.stderr).length]).toEqual([2, 1]);
    expect(await readdir(folder.path)).toEqual(["dir"]);
  });
});
