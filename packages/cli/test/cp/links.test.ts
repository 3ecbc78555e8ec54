import { mkdir, readdir, readFile, readlink, rename, rm, symlink, writeFile } from "node:fs/promises";
import { type TempDir, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Cli, holdfast, lines, serve } from "../support/cli.ts";
import { heldBelow } from "../support/held-below.ts";

/** What is copied, and a folder `ws` whose links lead to `outside`. */
async function scene(): Promise<TempDir> {
  const folder = await tempDir();
  await writeFile(folder.join("file"), "new");
  await mkdir(folder.join("tree"));
  await writeFile(folder.join("tree", "one"), "new");
  await mkdir(folder.join("outside"));
  await writeFile(folder.join("outside", "private"), "mine");
  await mkdir(folder.join("ws", "dir"), { recursive: true });
  await symlink("../outside/private", folder.join("ws", "to-file"));
  await symlink("../outside", folder.join("ws", "to-folder"));
  await symlink("../outside/absent", folder.join("ws", "to-nothing"));
  await symlink("../../outside/private", folder.join("ws", "dir", "file"));
  await symlink("../../outside", folder.join("ws", "dir", "tree"));
  return folder;
}

async function untouched(folder: TempDir): Promise<void> {
  expect(await readdir(folder.join("outside"))).toEqual(["private"]);
  expect(await readFile(folder.join("outside", "private"), "utf8")).toBe("mine");
  expect((await readdir(folder.join("ws"))).toSorted()).toEqual(["dir", "to-file", "to-folder", "to-nothing"]);
  expect(await readdir(folder.join("ws", "dir"))).toEqual(["file", "tree"]);
}

const WAYS = [
  ["up", "", "remote:"],
  ["down", "remote:", ""],
  ["within", "remote:", "remote:"],
] as const;

const REFUSED = [
  ["a file under a link to a file", ["file", "ws/to-file"], "private"],
  ["a file under a link to a folder", ["file", "ws/to-folder"], "outside"],
  ["a file into a folder with a link of its name", ["file", "ws/dir"], "private"],
  ["a file into a folder with a link of its name, with a slash", ["file", "ws/dir/"], "private"],
  ["a folder under a link to a folder", ["-r", "tree", "ws/to-folder"], "outside"],
  ["what is in a folder under a link to a folder", ["-r", "tree/.", "ws/to-folder"], "outside"],
  ["a folder into a folder with a link of its name", ["-r", "tree", "ws/dir"], "outside"],
  ["a folder into a folder with a link of its name, with a slash", ["-r", "tree", "ws/dir/"], "outside"],
  ["a file under a link to nothing", ["file", "ws/to-nothing"], "absent"],
] as const;

function cases(_: string, from: string, to: string): void {
  test.each(REFUSED)("of %s is refused in one line that says where it leads", async (_, args, target) => {
    await using folder = await scene();
    const [source = "", destination = ""] = args.slice(-2);
    const words = [...args.slice(0, -2), from + source, to + destination];
    const { code, stderr } = await holdfast(["cp", ...words], { cwd: folder.path });
    expect([code, lines(stderr)]).toEqual([
      1,
      [expect.stringMatching(new RegExp(`is a link to .*${target}.*; name what it leads to`))],
    ]);
    await untouched(folder);
  });

  test("goes through a link to a folder that the user ended with a slash", async () => {
    await using folder = await scene();
    await using server = await serve({ cwd: folder.path });
    const cp = (...args: string[]) => holdfast(["cp", "--url", server.url, ...args], { cwd: folder.path });
    expect(await cp(`${from}file`, `${to}ws/to-folder/`)).toMatchObject({ code: 0, stderr: "" });
    expect(await cp("-r", `${from}tree`, `${to}ws/to-folder/`)).toMatchObject({ code: 0, stderr: "" });
    expect(await cp("-r", `${from}tree/.`, `${to}ws/to-folder/`)).toMatchObject({ code: 0, stderr: "" });
    expect((await readdir(folder.join("outside"))).toSorted()).toEqual(["file", "one", "private", "tree"]);
    expect(await readdir(folder.join("outside", "tree"))).toEqual(["one"]);
    expect(await readlink(folder.join("ws", "to-folder"))).toBe("../outside");
  });

  test("goes through links above the last name", async () => {
    await using folder = await scene();
    await mkdir(folder.join("outside", "in"));
    const { code } = await holdfast(["cp", `${from}file`, `${to}ws/to-folder/in`], { cwd: folder.path });
    expect([code, await readdir(folder.join("outside", "in"))]).toEqual([0, ["file"]]);
  });
}

describe.each(WAYS.slice(0, 2))("a copy %s", cases);
describe.each(WAYS.slice(2))("a copy %s", { tags: "long" }, cases);

test("what comes from stdin is written through no link", async () => {
  await using folder = await scene();
  for (const name of ["to-file", "to-nothing"]) {
    const { code, stderr } = await holdfast(["cp", "-", `remote:ws/${name}`], { cwd: folder.path, stdin: "new" });
    expect([code, lines(stderr)]).toEqual([1, [expect.stringMatching(/is a link to .*; name what it leads to/)]]);
  }
  await untouched(folder);
});

describe.skipIf(process.platform !== "linux")("a link that is put in the way of a copy from stdin meanwhile", () => {
  const begun = async (folder: TempDir, url: string, pid: number | undefined, path: string): Promise<Cli> => {
    const cli = new Cli(["cp", "--url", url, "-", `remote:${path}`], { cwd: folder.path, stdin: "open-pipe" });
    cli.child.stdin?.write("new");
    await until(() => heldBelow(pid, folder.join("ws")).length > 0);
    return cli;
  };

  test("under its name is refused", async () => {
    await using folder = await scene();
    await using server = await serve({ cwd: folder.path, isLookedInto: true });
    await using cli = await begun(folder, server.url, server.child.pid, "ws/dir/new");
    await symlink("../../outside/private", folder.join("ws", "dir", "new"));
    cli.child.stdin?.end();
    const { code, stderr } = await cli.result();
    expect([code, lines(stderr)]).toEqual([1, [expect.stringContaining("is a link to ../../outside/private")]]);
    await rm(folder.join("ws", "dir", "new"));
    await untouched(folder);
  });

  test("in place of its folder leads nowhere", async () => {
    await using folder = await scene();
    await using server = await serve({ cwd: folder.path, isLookedInto: true });
    await using cli = await begun(folder, server.url, server.child.pid, "ws/dir/new");
    await rename(folder.join("ws", "dir"), folder.join("ws", "moved"));
    await symlink("../outside", folder.join("ws", "dir"));
    cli.child.stdin?.end();
    expect((await cli.result()).code).toBe(0);
    expect(await readdir(folder.join("outside"))).toEqual(["private"]);
    expect(await readFile(folder.join("ws", "moved", "new"), "utf8")).toBe("new");
  });
});
