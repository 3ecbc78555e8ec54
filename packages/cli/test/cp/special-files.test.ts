import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { openRegular } from "../../../exec-client/src/transfer/open-regular.ts";
import { holdfast, lines } from "../support/cli.ts";

/** A folder with one of everything that is not a file. */
async function oddFolder() {
  const folder = await tempDir();
  await mkdir(folder.join("folder"));
  await writeFile(folder.join("folder", "file"), "content");
  await mkdir(folder.join("target"));
  execFileSync("mkfifo", [folder.join("fifo")]);
  await symlink("fifo", folder.join("link-to-fifo"));
  await symlink("nowhere", folder.join("dangling"));
  await symlink("folder", folder.join("link-to-folder"));
  const socket = createServer().listen(folder.join("socket"));
  await once(socket, "listening");
  return {
    ...folder,
    [Symbol.asyncDispose]: async () => {
      socket.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const SPECIAL = /is no regular file: pipes, sockets and devices are not copied; name another/;
const WAYS = [
  ["up", "", "remote:"],
  ["down", "remote:", ""],
  ["within", "remote:", "remote:"],
] as const;

function cases(_: string, from: string, to: string): void {
  test.each([
    ["fifo", SPECIAL],
    ["link-to-fifo", SPECIAL],
    ["socket", SPECIAL],
    ["/dev/zero", SPECIAL],
    ["dangling", /cannot read .*dangling: no such file or directory.*; check the path/i],
    ["folder", /folder is a folder: add -r to copy it with everything in it/],
  ])("refuses %s in one line, at once, and leaves nothing", async (name, message) => {
    await using folder = await oddFolder();
    const { code, stderr } = await holdfast(["cp", `${from}${name}`, `${to}target/copy`], { cwd: folder.path });
    expect([code, lines(stderr)]).toEqual([1, [expect.stringMatching(message)]]);
    expect(await readdir(folder.join("target"))).toEqual([]);
  });

  test.each(["fifo", "socket", "/dev/zero"])("refuses %s with -r too", async (name) => {
    await using folder = await oddFolder();
    const { code, stderr } = await holdfast(["cp", "-r", `${from}${name}`, `${to}target/copy`], { cwd: folder.path });
    expect([code, lines(stderr)]).toEqual([1, [expect.stringMatching(SPECIAL)]]);
    expect(await readdir(folder.join("target"))).toEqual([]);
  });

  test.each(["fifo", "socket", "/dev/null"])("writes nothing into %s", async (name) => {
    await using folder = await oddFolder();
    for (const args of [[`${from}folder/file`], ["-r", `${from}folder`]]) {
      const { code, stderr } = await holdfast(["cp", ...args, `${to}${name}`], { cwd: folder.path });
      const refusal = /is neither a file nor a folder: nothing can be put there; name another place/;
      expect([code, lines(stderr)]).toEqual([1, [expect.stringMatching(refusal)]]);
    }
    expect((await readdir(folder.path)).filter((each) => each.startsWith(".holdfast-"))).toEqual([]);
  });

  test("-r takes a link to a folder for the folder", async () => {
    await using folder = await oddFolder();
    const args = ["cp", "-r", `${from}link-to-folder`, `${to}target/copy`];
    expect(await holdfast(args, { cwd: folder.path })).toMatchObject({ code: 0, stderr: "" });
    expect(await readFile(folder.join("target", "copy", "file"), "utf8")).toBe("content");
  });
}

describe.each(WAYS.slice(0, 2))("cp %s", cases);
describe.each(WAYS.slice(2))("cp %s", { tags: "long" }, cases);

test("a pipe that takes the place of a file holds nothing up", async () => {
  await using folder = await oddFolder();
  await writeFile(folder.join("file"), "content");
  const opening = openRegular(folder.join("file"), "file");
  await rename(folder.join("fifo"), folder.join("file"));
  // Whichever came first.
  const file = await opening.catch((error: unknown) => error as Error);
  if (file instanceof Error) expect(file.message).toMatch(SPECIAL);
  else await file.close();
});
