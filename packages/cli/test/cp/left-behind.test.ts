import { mkdir, readdir, truncate, writeFile } from "node:fs/promises";
import { BadLine, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Cli, lines, serve } from "../support/cli.ts";
import { heldBelow } from "../support/held-below.ts";

/** As large as it takes not to be done before it is cut off; it has no blocks on disk. */
const LARGE = 20_000_000_000;

/** A folder to copy, one to copy to, and a program that serves and forgets sessions soon. */
async function scene() {
  const folder = await tempDir();
  await mkdir(folder.join("tree"));
  await writeFile(folder.join("tree", "small"), "x");
  for (const name of ["tree/large", "large"]) {
    await writeFile(folder.join(name), "");
    await truncate(folder.join(name), LARGE);
  }
  await mkdir(folder.join("to"));
  const server = await serve({ cwd: folder.path, args: ["--session-ttl", "1"], isLookedInto: true });
  const pid = server.child.pid;
  const to = folder.join("to");
  return {
    folder,
    server,
    isUnderWay: () => heldBelow(pid, to).length > 0,
    isLeft: async () => heldBelow(pid, to).length > 0 || (await readdir(to)).length > 0,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const COPIES = [
  ["a file", ["large", "remote:to/copy"]],
  ["a folder into one that is there", ["-r", "tree/.", "remote:to"]],
] as const;
const LONG_COPIES = [["a folder", ["-r", "tree", "remote:to/copy"]]] as const;

function cases(_: string, args: readonly string[]): void {
  test("nothing is left once its client was killed and its session is over", async () => {
    await using there = await scene();
    await using cli = new Cli(["cp", "--url", there.server.url, ...args], { cwd: there.folder.path });
    await until(() => there.isUnderWay());
    cli.child.kill("SIGKILL");
    await until(async () => !(await there.isLeft()));
  });

  test("nothing is left when the line stays down for too long", async () => {
    await using there = await scene();
    await using line = await BadLine.to(there.server.url);
    const patience = ["--recover-for", "1"];
    await using cli = new Cli(["cp", "--url", line.url, ...patience, ...args], { cwd: there.folder.path });
    await until(() => there.isUnderWay());
    await line[Symbol.asyncDispose]();
    const { code, stderr } = await cli.result();
    expect([code, lines(stderr).length]).toEqual([1, 1]);
    await until(async () => !(await there.isLeft()));
  });

  test("nothing is left when the executor ends", async () => {
    await using there = await scene();
    await using _cli = new Cli(["cp", "--url", there.server.url, ...args], { cwd: there.folder.path });
    await until(() => there.isUnderWay());
    there.server.child.kill("SIGTERM");
    expect((await there.server.result()).code).toBe(0);
    expect(await readdir(there.folder.join("to"))).toEqual([]);
  });
}

const onLinux = describe.skipIf(process.platform !== "linux");
onLinux.each(COPIES)("of %s that was begun", cases);
onLinux.each(LONG_COPIES)("of %s that was begun", { tags: "long" }, cases);
