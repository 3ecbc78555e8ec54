import { execFile } from "node:child_process";
import {
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Cli, everyByte, holdfast, lines, serve } from "../support/cli.ts";

const ODD = Buffer.from([0x6f, 0xff, 0x0a, 0x27, 0x20, 0x24]);

function inFolder(folder: string, name: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${folder}/`), name]);
}

/** Everything that a copy must keep. */
async function makeTree(root: string): Promise<void> {
  await mkdir(join(root, "empty"), { recursive: true });
  await mkdir(join(root, "-n", "deep", "deeper"), { recursive: true });
  await writeFile(join(root, "-n", "deep", "deeper", "large"), everyByte(3_000_000));
  await writeFile(join(root, "run"), "#!/bin/sh\n");
  await chmod(join(root, "run"), 0o755);
  await writeFile(join(root, "secret"), "secret");
  await chmod(join(root, "secret"), 0o600);
  await writeFile(join(root, "nothing"), "");
  await writeFile(join(root, "a b\n$(touch x)"), "odd");
  await writeFile(inFolder(root, ODD), "not UTF-8");
  await symlink("run", join(root, "link"));
  await symlink("/nowhere at all", join(root, "dangling"));
  await symlink("..", join(root, "-n", "up"));
  await chmod(join(root, "-n", "deep"), 0o750);
}

/** What is in a folder: name, kind, mode, and content or target. */
async function look(root: string | Buffer): Promise<string[]> {
  const found: string[] = [];
  const visit = async (path: Buffer, shown: string): Promise<void> => {
    const stats = await lstat(path);
    const mode = (stats.mode & 0o777).toString(8);
    if (stats.isSymbolicLink()) found.push(`${shown} -> ${await readlink(path)}`);
    else if (stats.isFile())
      found.push(`${shown} ${mode} ${(await readFile(path)).toString("base64").slice(0, 60)} ${stats.size}`);
    else found.push(`${shown}/ ${mode}`);
    if (!stats.isDirectory()) return;
    for (const name of await readdir(path, { encoding: "buffer" })) {
      await visit(Buffer.concat([path, Buffer.from("/"), name]), `${shown}/${name.toString("latin1")}`);
    }
  };
  await visit(Buffer.from(root), "");
  return found.toSorted();
}

describe("cp -r", () => {
  test("copies a folder up, within and down: bytes, names, links, modes and empty folders", async () => {
    await using here = await tempDir();
    await using there = await tempDir();
    await using server = await serve({ cwd: there.path });
    const cp = (...args: string[]) => holdfast(["cp", "--url", server.url, "-r", ...args], { cwd: here.path });
    await makeTree(here.join("tree"));
    const expected = await look(here.join("tree"));
    expect(await cp("tree", "remote:up")).toMatchObject({ code: 0, stderr: "" });
    expect(await look(there.join("up"))).toEqual(expected);
    expect(await cp("remote:up", "remote:within")).toMatchObject({ code: 0, stderr: "" });
    expect(await look(there.join("within"))).toEqual(expected);
    expect(await cp("remote:within", "down")).toMatchObject({ code: 0, stderr: "" });
    expect(await look(here.join("down"))).toEqual(expected);
    expect([await readdir(here.path), await readdir(there.path)]).toEqual([
      ["down", "tree"],
      ["up", "within"],
    ]);
  });

  test("copies into a folder that is there, merges with one of its name, and takes DIR/. for what is in it", async () => {
    await using folder = await tempDir();
    await using server = await serve({ cwd: folder.path });
    const cp = (...args: string[]) => holdfast(["cp", "--url", server.url, "-r", ...args], { cwd: folder.path });
    await makeTree(folder.join("tree"));
    for (const [source, target] of [
      ["tree", "remote:"],
      ["remote:tree", ""],
    ] as const) {
      await mkdir(folder.join("dst", "tree", "-n"), { recursive: true });
      await writeFile(folder.join("dst", "tree", "kept"), "kept");
      await writeFile(folder.join("dst", "tree", "run"), "old");
      expect(await cp(source, `${target}dst`)).toMatchObject({ code: 0, stderr: "" });
      expect(await readFile(folder.join("dst", "tree", "run"), "utf8")).toBe("#!/bin/sh\n");
      expect(await readFile(folder.join("dst", "tree", "kept"), "utf8")).toBe("kept");
      expect((await stat(folder.join("dst", "tree", "-n", "deep", "deeper", "large"))).size).toBe(3_000_000);
      expect(await cp(`${source}/.`, `${target}dst`)).toMatchObject({ code: 0, stderr: "" });
      expect(await readlink(folder.join("dst", "link"))).toBe("run");
      expect((await readdir(folder.path)).toSorted()).toEqual(["dst", "tree"]);
      await rm(folder.join("dst"), { recursive: true });
    }
  });

  test("copies a file as without -r", async () => {
    await using folder = await tempDir();
    await writeFile(folder.join("file"), "content");
    const cp = (...args: string[]) => holdfast(["cp", "-r", ...args], { cwd: folder.path });
    for (const args of [
      ["file", "remote:up"],
      ["remote:up", "down"],
      ["remote:up", "remote:within"],
    ]) {
      expect(await cp(...args)).toMatchObject({ code: 0, stderr: "" });
    }
    expect(await readFile(folder.join("within"), "utf8")).toBe("content");
    expect(await readFile(folder.join("down"), "utf8")).toBe("content");
  });

  test.each([
    ["up", ["tree", "remote:copy"]],
    ["down", ["remote:tree", "copy"]],
  ])("leaves out special files with a line about each, and exits with 1: %s", async (_, args) => {
    await using folder = await tempDir();
    await mkdir(folder.join("tree"));
    await writeFile(folder.join("tree", "file"), "content");
    await promisify(execFile)("mkfifo", [folder.join("tree", "fifo")]);
    const { code, stderr } = await holdfast(["cp", "-r", ...args], { cwd: folder.path });
    expect(code).toBe(1);
    expect(lines(stderr)).toEqual([expect.stringMatching(/tree\/fifo(: it is neither a file| is left out)/)]);
    expect(await readdir(folder.join("copy"))).toEqual(["file"]);
  });

  test.each([
    ["a file where the folder would be", ["tree", "remote:file"], /is a file: a folder can not take its place/],
    ["a file where the folder would be, here", ["remote:tree", "file"], /is a file: a folder can not take its place/],
    ["a missing folder", ["remote:nosuch", "x"], /cannot read remote:nosuch: No such file/],
    ["a missing local folder", ["nosuch", "remote:x"], /cannot read nosuch.*no such file/],
    ["a missing folder above", ["tree", "remote:no/such/x"], /No such file/],
  ])("tells in one line, with 1, about %s", async (_, args, expected) => {
    await using folder = await tempDir();
    await mkdir(folder.join("tree"));
    await writeFile(folder.join("tree", "run"), "");
    await writeFile(folder.join("file"), "content");
    const before = await look(folder.path);
    const { code, stderr } = await holdfast(["cp", "-r", ...args], { cwd: folder.path });
    expect([code, lines(stderr)]).toEqual([1, [expect.stringMatching(expected)]]);
    expect(await look(folder.path)).toEqual(before);
  });

  test.each([
    ["up", ["tree", "remote:there"]],
    ["down", ["remote:tree", "there"]],
  ])("copies the rest when a folder is in the way of a file: %s", async (_, args) => {
    await using folder = await tempDir();
    await mkdir(folder.join("tree"));
    await writeFile(folder.join("tree", "run"), "");
    await writeFile(folder.join("tree", "other"), "");
    await mkdir(folder.join("there", "tree", "run"), { recursive: true });
    const { code, stderr } = await holdfast(["cp", "-r", ...args], { cwd: folder.path });
    expect([code, lines(stderr)]).toEqual([1, [expect.stringMatching(/run.* is a (folder|directory)|directory/)]]);
    expect((await readdir(folder.join("there", "tree"))).toSorted()).toEqual(["other", "run"]);
    expect(await readdir(folder.path)).toEqual(["there", "tree"]);
  });

  test.each([
    ["up", ["tree", "remote:copy"]],
    ["down", ["remote:tree", "copy"]],
  ])("interrupted on the way %s, leaves nothing under any name", async (_, args) => {
    await using folder = await tempDir();
    await mkdir(folder.join("tree"));
    await writeFile(folder.join("tree", "big"), "");
    await truncate(folder.join("tree", "big"), 20_000_000_000);
    await using server = await serve({ cwd: folder.path });
    await using cli = new Cli(["cp", "--url", server.url, "-r", ...args], { cwd: folder.path });
    await until(async () => (await readdir(folder.path)).some((name) => name.startsWith(".holdfast-")));
    expect(await readdir(folder.path)).not.toContain("copy");
    cli.child.kill("SIGINT");
    const { code, stderr } = await cli.result();
    expect([code, lines(stderr)]).toEqual([130, [expect.stringContaining("interrupted by SIGINT")]]);
    expect(await readdir(folder.path)).toEqual(["tree"]);
  });
});
