import { chmod, lstat, mkdir, readdir, readFile, readlink, rm, stat, symlink, writeFile } from "node:fs/promises";
import { connect } from "@holdfast/exec-client";
import { BadLine, type Direction, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Cli, everyByte, serve } from "../support/cli.ts";
import { copy } from "../support/copy.ts";

const MIB = 1024 * 1024;

const ways: [string, string, string][] = [
  ["a file down", "remote:large", "copy"],
  ["a folder up", "tree", "remote:copy"],
];
/** Each kind and each direction is in one of the others. */
const otherWays: [string, string, string][] = [
  ["a file up", "large", "remote:copy"],
  ["a folder down", "remote:tree", "copy"],
];

describe("a copy whose line is lost in the middle", () => {
  const goesOn = async (_: string, source: string, destination: string) => {
    await using folder = await tempDir();
    const content = everyByte(40 * MIB + 11);
    await writeFile(folder.join("large"), content);
    await mkdir(folder.join("tree"));
    await writeFile(folder.join("tree", "large"), content);
    for (let file = 0; file < 50; file += 1) await writeFile(folder.join("tree", `${file}`), `${file}`);
    await using server = await serve({ cwd: folder.path });
    await using line = await BadLine.to(server.url);
    const states: string[] = [];
    await using executor = await connect(line.url, { onStateChange: (state) => void states.push(state) });
    const cutsAt = [30, 20 * MIB, 30 * MIB];
    await copy(executor, [source, destination], {
      cwd: folder.path,
      onProgress: ({ transferredBytes }) => {
        if (transferredBytes < (cutsAt[0] ?? Number.POSITIVE_INFINITY)) return;
        cutsAt.shift();
        line.cut();
      },
    });
    expect(cutsAt).toEqual([]);
    expect(states.filter((state) => state === "recovering").length).toBeGreaterThanOrEqual(2);
    const isTree = source.endsWith("tree");
    const copied = isTree ? folder.join("copy", "large") : folder.join("copy");
    expect((await readFile(copied)).equals(content)).toBe(true);
    if (isTree) expect(await readFile(folder.join("copy", "37"), "utf8")).toBe("37");
    expect((await readdir(folder.path)).toSorted()).toEqual(["copy", "large", "tree"]);
  };
  test.each(ways)("goes on where it was: %s", { timeout: 90_000 }, goesOn);
  test.each(otherWays)("goes on where it was: %s", { timeout: 90_000, tags: "long" }, goesOn);
});

describe("a copy whose line is lost at any place", () => {
  /** Links, modes and content of everything. */
  async function look(path: string): Promise<unknown> {
    const stats = await lstat(path);
    if (stats.isSymbolicLink()) return await readlink(path);
    const mode = stats.mode & 0o777;
    if (stats.isFile()) return [mode, (await readFile(path)).toString("base64")];
    const names = (await readdir(path)).toSorted();
    return [mode, await Promise.all(names.map(async (name) => [name, await look(`${path}/${name}`)]))];
  }

  const arrives = async (_: string, source: string, destination: string) => {
    await using folder = await tempDir();
    await mkdir(folder.join("tree", "sub", "empty"), { recursive: true });
    const content = everyByte(1_200_011);
    for (const name of ["large", "tree/large"]) {
      await writeFile(folder.join(name), content);
      await chmod(folder.join(name), 0o751);
    }
    await writeFile(folder.join("tree", "sub", "small"), "small");
    await symlink("nowhere", folder.join("tree", "link"));
    await chmod(folder.join("tree", "sub"), 0o750);
    const expected = await look(folder.join(source.replace("remote:", "")));
    await using server = await serve({ cwd: folder.path });
    let struck = 0;
    let tried = 0;
    const copied = async (cut?: { readonly direction: Direction; readonly bytes: number }) => {
      await using line = await BadLine.to(server.url);
      await using executor = await connect(line.url, { recovery: { retryIntervalMs: 5 } });
      const before = { up: line.bytesOf("up"), down: line.bytesOf("down") };
      if (cut !== undefined) line.cutAfter(cut.direction, cut.bytes);
      await copy(executor, [source, destination], { cwd: folder.path });
      expect([cut, await look(folder.join("copy"))]).toEqual([cut, expected]);
      expect([cut, (await readdir(folder.path)).toSorted()]).toEqual([cut, ["copy", "large", "tree"]]);
      struck += line.connectionCount - 1;
      await rm(folder.join("copy"), { recursive: true });
      return { up: line.bytesOf("up") - before.up, down: line.bytesOf("down") - before.down };
    };
    const whole = await copied();
    for (const direction of ["up", "down"] as const) {
      // At the beginning and at the end every few hundred bytes: there one message follows another.
      const edge = Array.from({ length: 7 }, (__, index) => 1 + index * 219);
      const places = [...edge, whole[direction] / 2, ...edge.map((bytes) => whole[direction] - 200 - bytes)];
      const inside = places.map(Math.floor).filter((bytes) => bytes > 0 && bytes < whole[direction] - 200);
      for (const bytes of new Set(inside)) await copied({ direction, bytes });
      tried += new Set(inside).size;
    }
    expect(struck).toBeGreaterThan(tried / 2);
  };
  test.each(ways)("arrives as it was, and leaves nothing else: %s", arrives);
  test.each(otherWays)("arrives as it was, and leaves nothing else: %s", { tags: "long" }, arrives);

  test("fails with the line as the reason when none follows, with nothing under any name here", async () => {
    await using folder = await tempDir();
    await writeFile(folder.join("large"), everyByte(3_000_000));
    await using server = await serve({ cwd: folder.path });
    await using line = await BadLine.to(server.url);
    await using executor = await connect(line.url, { recovery: { retryIntervalMs: 5, deadlineMs: 50 } });
    line.cutAfter("down", 1_000_000);
    const failed = copy(executor, ["remote:large", "copy"], { cwd: folder.path, onProgress: () => line.refuse() });
    await expect(failed).rejects.toThrow(
      /cannot copy remote:large to copy: the connection to the executor was lost \(.*\); once it is reachable again, repeat/,
    );
    expect(await readdir(folder.path)).toEqual(["large"]);
    expect((await stat(folder.join("large"))).size).toBe(3_000_000);
  });
});

describe("holdfast cp over a line that is cut again and again", () => {
  const arrivesWhole = async (_: string, source: string, destination: string) => {
    const direction = destination === "copy" ? "down" : "up";
    const isFolder = source.endsWith("tree");
    const args = [...(isFolder ? ["-r"] : []), source, destination];
    await using folder = await tempDir();
    const content = everyByte(24 * MIB + 11);
    await mkdir(folder.join("tree"));
    for (const name of ["large", "tree/large"]) {
      await writeFile(folder.join(name), content);
      await chmod(folder.join(name), 0o751);
    }
    for (let file = 0; file < 30; file += 1) await writeFile(folder.join("tree", `${file}`), `${file}`);
    await using server = await serve({ cwd: folder.path });
    await using line = await BadLine.to(server.url);
    await using cli = new Cli(["cp", "--url", line.url, ...args], { cwd: folder.path });
    for (let cut = 1; cut <= 4; cut += 1) {
      await until(() => line.openCount === 1 && line.connectionCount === cut);
      line.cutAfter(direction, 5 * MIB + cut);
    }
    expect(await cli.result()).toMatchObject({ code: 0, stderr: "" });
    expect(line.connectionCount).toBe(5);
    const copied = isFolder ? folder.join("copy", "large") : folder.join("copy");
    expect((await readFile(copied)).equals(content)).toBe(true);
    expect((await stat(copied)).mode & 0o777).toBe(0o751);
    if (isFolder) expect(await readdir(folder.join("copy"))).toHaveLength(31);
    expect((await readdir(folder.path)).toSorted()).toEqual(["copy", "large", "tree"]);
  };
  test.each(ways)("arrives whole, with its modes, and exits with 0: %s", arrivesWhole);
  test.each(otherWays)("arrives whole, with its modes, and exits with 0: %s", { tags: "long" }, arrivesWhole);
});
