import {
  chmod,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { connect, type Executor } from "@holdfast/exec-client";
import { download, type SyncOptions, sync, TransferError, upload } from "@holdfast/exec-client/transfer";
import { BadLine, type TempDir, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Cli, everyByte, holdfast, lines, serve } from "../support/cli.ts";
import { heldBelow } from "../support/held-below.ts";

const MIB = 1024 * 1024;
const KIB = 1024;

/** Kind, mode, time and content of everything. Times of links and folders are as exact as they are set. */
async function look(path: Buffer): Promise<unknown> {
  const stats = await lstat(path);
  const seconds = Math.round(stats.mtimeMs);
  if (stats.isSymbolicLink()) return ["link", (await readlink(path, "buffer")).toString("latin1")];
  const mode = stats.mode & 0o777;
  if (stats.isFile()) return ["file", mode, seconds, (await readFile(path)).toString("latin1")];
  const names = (await readdir(path, "buffer")).toSorted(Buffer.compare);
  const within = names.map(async (name) => [
    name.toString("latin1"),
    await look(Buffer.concat([path, Buffer.from("/"), name])),
  ]);
  return ["folder", mode, seconds, await Promise.all(within)];
}

async function lookWithin(path: string): Promise<unknown> {
  const [, , , within] = (await look(Buffer.from(path))) as unknown[];
  return within;
}

async function looks(folder: TempDir, ...names: readonly string[]): Promise<unknown[]> {
  return Promise.all(names.map((name) => look(Buffer.from(folder.join(name)))));
}

/** A folder with a bit of everything. */
async function fill(folder: TempDir, name: string, files = 20): Promise<void> {
  const at = (...names: string[]): string => folder.join(name, ...names);
  await mkdir(at("sub", "empty"), { recursive: true });
  await writeFile(at("large"), everyByte(2 * MIB + 11));
  await writeFile(Buffer.concat([Buffer.from(`${at()}/`), Buffer.from([0xff, 0x0a, 0x25])]), "odd");
  for (let file = 0; file < files; file += 1) await writeFile(at("sub", `${file}`), `${file}`.repeat(1_000));
  await symlink("no/where", at("link"));
  await link(at("sub", "0"), at("same"));
  await chmod(at("sub", "1"), 0o751);
  await utimes(at("sub", "2"), 1, 981_173_106.789);
  await utimes(at("sub", "empty"), 1, 1_000_000_000);
  await chmod(at("sub"), 0o555);
  await utimes(at("sub"), 1, 1_100_000_000);
  await utimes(at(), 1, 1_200_000_000);
}

type Direction = "up" | "down";

/** Both directions as one: the folders lie side by side, as executor and client are on one machine. */
function move(
  executor: Executor,
  direction: Direction,
  folder: TempDir,
  [from, to]: readonly [string, string],
  options: SyncOptions = {},
) {
  const settings = { cwd: folder.path, ...options };
  if (direction === "up") return upload(executor, from, folder.join(to), settings);
  return download(executor, folder.join(from), to, settings);
}

function mirror(
  executor: Executor,
  direction: Direction,
  folder: TempDir,
  [from, to]: readonly [string, string],
  options: SyncOptions = {},
) {
  const [local, remote] = direction === "up" ? [from, to] : [to, from];
  return sync(executor, local, folder.join(remote), { cwd: folder.path, direction, ...options });
}

async function scene() {
  const folder = await tempDir();
  const server = await serve({ cwd: folder.path });
  const line = await BadLine.to(server.url);
  const executor = await connect(line.url, { recovery: { retryIntervalMs: 5 } });
  /** Bytes on the wire while something is done. */
  const costOf = async (step: () => Promise<unknown>): Promise<number> => {
    const before = line.bytesOf("up") + line.bytesOf("down");
    await step();
    return line.bytesOf("up") + line.bytesOf("down") - before;
  };
  return {
    folder,
    server,
    line,
    executor,
    costOf,
    [Symbol.asyncDispose]: async () => {
      await executor.close();
      await line[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      for (const name of await readdir(folder.path)) await chmod(folder.join(name, "sub"), 0o755).catch(() => {});
      await folder[Symbol.asyncDispose]();
    },
  };
}

describe.each(["up", "down"] as const)("a folder that is copied %s", (direction) => {
  test("arrives as it is: names, modes, times, links, hard links, empty folders", async () => {
    await using there = await scene();
    const { folder, executor } = there;
    await fill(folder, "tree");
    expect(await move(executor, direction, folder, ["tree", "copy"])).toEqual({ problemCount: 0 });
    const [tree, copy] = await looks(folder, "tree", "copy");
    expect(copy).toEqual(tree);
    const [one, other] = [await stat(folder.join("copy", "same")), await stat(folder.join("copy", "sub", "0"))];
    expect([one.ino, one.nlink]).toEqual([other.ino, 2]);
    expect((await readdir(folder.path)).toSorted()).toEqual(["copy", "tree"]);
  });

  test("moves nothing the second time, and then only what has changed", async () => {
    await using there = await scene();
    const { folder, executor, costOf } = there;
    await fill(folder, "tree", 300);
    const again = () => mirror(executor, direction, folder, ["tree", "copy"]);
    expect(await costOf(again)).toBeGreaterThan(2 * MIB);
    expect(await costOf(again)).toBeLessThan(64 * KIB);
    await chmod(folder.join("tree", "sub"), 0o755);
    await writeFile(folder.join("tree", "sub", "7"), "changed");
    await writeFile(folder.join("tree", "new"), everyByte(100_000));
    await chmod(folder.join("tree", "sub", "8"), 0o700);
    await rm(folder.join("tree", "link"));
    await symlink("else/where", folder.join("tree", "link"));
    expect(await costOf(again)).toBeLessThan(256 * KIB);
    // The time of the folder itself is that of the last change in it.
    const [tree, copy] = await Promise.all(["tree", "copy"].map((name) => lookWithin(folder.join(name))));
    expect(copy).toEqual(tree);
    expect((await readdir(folder.path)).toSorted()).toEqual(["copy", "tree"]);
  });

  test("is told apart by its contents where that is asked for, and moved whole where that is", async () => {
    await using there = await scene();
    const { folder, executor, costOf } = there;
    await mkdir(folder.join("tree"));
    await writeFile(folder.join("tree", "large"), everyByte(3 * MIB));
    await writeFile(folder.join("tree", "small"), "one");
    await mirror(executor, direction, folder, ["tree", "copy"]);
    // One has another time and the same bytes, one other bytes and the same time.
    await utimes(folder.join("tree", "large"), 1, 1);
    const { mtime } = await stat(folder.join("tree", "small"));
    await writeFile(folder.join("tree", "small"), "two");
    await utimes(folder.join("tree", "small"), mtime, mtime);
    await utimes(folder.join("copy", "small"), mtime, mtime);
    const byContent = () => mirror(executor, direction, folder, ["tree", "copy"], { compare: "content" });
    expect(await costOf(byContent)).toBeLessThan(64 * KIB);
    expect(await readFile(folder.join("copy", "small"), "utf8")).toBe("two");
    expect(
      await costOf(() => mirror(executor, direction, folder, ["tree", "copy"], { compare: "none" })),
    ).toBeGreaterThan(3 * MIB);
  });

  test("is merged into what is there, through none of its links, and says what is in the way", async () => {
    await using there = await scene();
    const { folder, executor } = there;
    for (const name of ["tree/sub", "tree/linked", "copy/sub", "copy/kept", "outside"])
      await mkdir(folder.join(name), { recursive: true });
    for (const name of ["a", "sub/b", "linked/c"]) await writeFile(folder.join("tree", name), "new");
    await writeFile(folder.join("copy", "sub", "b"), "old and longer");
    await symlink("../outside", folder.join("copy", "linked"));
    await mkdir(folder.join("copy", "a"));
    const told: string[] = [];
    const { problemCount } = await mirror(executor, direction, folder, ["tree", "copy"], {
      onProblem: (line) => void told.push(line),
    });
    expect([problemCount, told.length]).toEqual([2, 2]);
    expect(told.toSorted()).toEqual([
      expect.stringMatching(/a\b.*: .*directory/),
      expect.stringMatching(/linked\b.*: /),
    ]);
    expect(await readFile(folder.join("copy", "sub", "b"), "utf8")).toBe("new");
    expect(await readdir(folder.join("outside"))).toEqual([]);
    expect((await readdir(folder.join("copy"))).toSorted()).toEqual(["a", "kept", "linked", "sub"]);
    await expect(mirror(executor, direction, folder, ["tree", "copy"])).rejects.toMatchObject({
      name: "TransferError",
      code: "incomplete",
    });
  });

  test("leaves out what patterns and .gitignore files say", async () => {
    await using there = await scene();
    const { folder, executor } = there;
    const at = (name: string): string => folder.join("tree", name);
    for (const name of [".git", "node_modules", "src/gen"]) await mkdir(at(name), { recursive: true });
    for (const name of [".git/x", "node_modules/x", "src/a", "src/gen/b", "c.log", "src/keep.log"])
      await writeFile(at(name), name);
    await writeFile(at(".gitignore"), "*.log\n");
    await writeFile(at("src/.gitignore"), "/gen\n!keep.log\n");
    await move(executor, direction, folder, ["tree", "copy"], { exclude: ["node_modules"], gitignore: true });
    const names = (await readdir(folder.join("copy"), { recursive: true })).toSorted();
    expect(names).toEqual([".gitignore", "src", "src/.gitignore", "src/a", "src/keep.log"]);
  });

  test("takes away with delete what the source does not have, but for what is left out", async () => {
    await using there = await scene();
    const { folder, executor } = there;
    for (const name of ["tree/was file", "copy/extra/deep", "copy/node_modules", "copy/gone/node_modules"])
      await mkdir(folder.join(name), { recursive: true });
    await writeFile(folder.join("tree", "was folder"), "now a file");
    await writeFile(folder.join("tree", "was file", "in"), "new");
    await mkdir(folder.join("copy", "was folder"));
    for (const name of [
      "was file",
      "was folder/in",
      "extra/deep/file",
      "node_modules/kept",
      "old",
      "gone/node_modules/kept",
      "gone/x",
    ])
      await writeFile(folder.join("copy", name), "old");
    await mirror(executor, direction, folder, ["tree", "copy"], { delete: true, exclude: ["node_modules"] });
    const names = (await readdir(folder.join("copy"), { recursive: true })).toSorted();
    const kept = ["gone", "gone/node_modules", "gone/node_modules/kept", "node_modules", "node_modules/kept"];
    expect(names).toEqual([...kept, "was file", "was file/in", "was folder"]);
    expect(await readFile(folder.join("copy", "was folder"), "utf8")).toBe("now a file");
  });

  test("takes nothing away with delete that a pattern takes in again", async () => {
    await using there = await scene();
    const { folder, executor } = there;
    for (const name of ["tree", "copy"]) await mkdir(folder.join(name));
    for (const name of ["tree/.gitignore", "copy/.gitignore"]) await writeFile(folder.join(name), "*.log\n");
    for (const name of ["tree/keep.log", "tree/x.log", "copy/y.log"]) await writeFile(folder.join(name), name);
    const options = { delete: true, gitignore: true, exclude: ["!keep.log"] };
    await mirror(executor, direction, folder, ["tree", "copy"], options);
    await mirror(executor, direction, folder, ["tree", "copy"], options);
    expect((await readdir(folder.join("copy"))).toSorted()).toEqual([".gitignore", "keep.log", "y.log"]);
  });

  test("tells what can't be read, and moves the rest", async () => {
    await using there = await scene();
    const { folder, executor } = there;
    await mkdir(folder.join("tree"));
    await writeFile(folder.join("tree", "file"), "content");
    const { execFileSync } = await import("node:child_process");
    execFileSync("mkfifo", [folder.join("tree", "pipe")]);
    const moved = move(executor, direction, folder, ["tree", "copy"]);
    const error = await moved.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(TransferError);
    expect(error).toMatchObject({ code: "incomplete", problems: [expect.stringMatching(/tree\/pipe/)] });
    expect(await readdir(folder.join("copy"))).toEqual(["file"]);
  });

  test("given up by its signal, rejects as fetch does, and leaves nothing", async () => {
    await using there = await scene();
    const { folder, executor } = there;
    await mkdir(folder.join("tree"));
    await writeFile(folder.join("tree", "large"), everyByte(30 * MIB));
    const stop = new AbortController();
    const moving = move(executor, direction, folder, ["tree", "copy"], {
      signal: stop.signal,
      onProgress: ({ transferredBytes }) => void (transferredBytes > 5 * MIB && stop.abort()),
    });
    await expect(moving).rejects.toMatchObject({ name: "AbortError" });
    await until(async () => (await readdir(folder.path)).length === 1);
  });
});

describe("a folder on its way up whose client or executor is gone", () => {
  const resume = ["--resume", "-r", "tree", "remote:copy"];

  async function begun(args: readonly string[]) {
    const folder = await tempDir();
    await mkdir(folder.join("tree", "sub"), { recursive: true });
    for (let file = 0; file < 60; file += 1)
      await writeFile(folder.join("tree", "sub", `${file}`), everyByte(512 * KIB));
    const state = await tempDir();
    const env = { XDG_STATE_HOME: state.path };
    const server = await serve({ cwd: folder.path, args: ["--session-ttl", "1"], isLookedInto: true, env });
    const line = await BadLine.to(server.url);
    const cli = new Cli(["cp", "--url", line.url, "--recover-for", "1", ...args], { cwd: folder.path });
    await until(() => line.bytesOf("up") > 16 * MIB);
    const dispose = async (): Promise<void> => {
      for (const each of [cli, line, server, state, folder]) await each[Symbol.asyncDispose]();
    };
    return { folder, server, line, cli, [Symbol.asyncDispose]: dispose };
  }

  test("is taken up again by the next client, which sends only the rest", { timeout: 60_000 }, async () => {
    await using scene = await begun(resume);
    const { folder, server, line, cli } = scene;
    cli.child.kill("SIGKILL");
    await cli.result();
    await line[Symbol.asyncDispose]();
    await using again = await BadLine.to(server.url);
    // Its session is over when nothing is held any more; what has arrived is kept.
    await until(() => heldBelow(server.child.pid, folder.path).length === 0);
    expect((await readdir(folder.path)).some((name) => name.startsWith(".holdfast-"))).toBe(true);
    const result = await holdfast(["cp", "--url", again.url, ...resume], { cwd: folder.path });
    expect(result).toMatchObject({ code: 0, stderr: "" });
    expect(again.bytesOf("up")).toBeLessThan(34 * MIB);
    for (let file = 0; file < 60; file += 1)
      expect((await readFile(folder.join("copy", "sub", `${file}`))).equals(everyByte(512 * KIB))).toBe(true);
    await until(async () => !(await readdir(folder.path)).some((name) => name.startsWith(".holdfast-")));
  });
});

describe("a copy whose executor is frozen", () => {
  const endsAtOnce = async (_: string, bytes: number, args: readonly string[]) => {
    await using folder = await tempDir();
    await mkdir(folder.join("tree"));
    for (const name of ["file", "tree/file"]) await writeFile(folder.join(name), everyByte(40 * MIB));
    await using server = await serve({ cwd: folder.path });
    await using line = await BadLine.to(server.url);
    await using cli = new Cli(["cp", "--url", line.url, ...args], { cwd: folder.path });
    const isUp = args.at(-1)?.startsWith("remote:") === true;
    await until(() => line.bytesOf(isUp ? "up" : "down") > bytes + (bytes === 0 ? 200 : 0));
    line.stall();
    const startedMs = performance.now();
    cli.child.kill("SIGTERM");
    const { code, stderr } = await cli.result();
    expect([code, lines(stderr)]).toEqual([143, [expect.stringMatching(/interrupted by SIGTERM/)]]);
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  };
  test.each([
    ["before the first answer about files", 0, ["file", "remote:copy"]],
    ["in the middle of a folder up", 3 * MIB, ["-r", "tree", "remote:copy"]],
    ["in the middle of a file down", 3 * MIB, ["remote:file", "copy"]],
  ] as const)("ends at once by a signal: %s", endsAtOnce);
  test.each([
    ["in the middle of a file up", 3 * MIB, ["file", "remote:copy"]],
    ["in the middle of a folder down", 3 * MIB, ["-r", "remote:tree", "copy"]],
  ] as const)("ends at once by a signal: %s", { tags: "long" }, endsAtOnce);
});

describe("holdfast sync", () => {
  test.each(["up", "down"] as const)(
    "takes nothing away that the .gitignore of the source leaves out, which the destination has yet to get: %s",
    async (direction) => {
      await using there = await scene();
      const { folder, executor } = there;
      for (const name of ["tree/sub", "copy/node_modules", "copy/sub/gen", "copy/extra/node_modules"])
        await mkdir(folder.join(name), { recursive: true });
      await writeFile(folder.join("tree", ".gitignore"), "node_modules\n");
      // It leaves out itself: no listing has it.
      await writeFile(folder.join("tree", "sub", ".gitignore"), "/gen\n.gitignore\n!keep\n");
      const old = ["node_modules/x", "old", "sub/gen/y", "sub/old", "extra/z", "extra/node_modules/x"];
      for (const name of old) await writeFile(folder.join("copy", name), "x");
      await mirror(executor, direction, folder, ["tree", "copy"], { delete: true, gitignore: true });
      const names = (await readdir(folder.join("copy"), { recursive: true })).toSorted();
      const left = ["extra", "extra/node_modules", "extra/node_modules/x", "node_modules", "node_modules/x"];
      expect(names).toEqual([".gitignore", ...left, "sub", "sub/gen", "sub/gen/y"]);
    },
  );

  test.each(["up", "down"] as const)(
    "takes nothing away where the source could not be read as a whole, and says so: %s",
    async (direction) => {
      await using there = await scene();
      const { folder, executor } = there;
      for (const name of ["tree/sub", "copy/sub"]) await mkdir(folder.join(name), { recursive: true });
      await writeFile(folder.join("tree", "sub", ".gitignore"), Buffer.alloc(1_048_577, "#"));
      for (const name of ["tree/new", "copy/old", "copy/sub/x"]) await writeFile(folder.join(name), "x");
      const warnings: string[] = [];
      const options = { delete: true, gitignore: true, onWarning: (line: string) => warnings.push(line) };
      const mirrored = mirror(executor, direction, folder, ["tree", "copy"], options);
      await expect(mirrored).rejects.toMatchObject({ code: "incomplete", message: expect.stringContaining("1048576") });
      expect(warnings).toEqual([expect.stringMatching(/nothing is removed from the destination/)]);
      expect((await readdir(folder.join("copy"), { recursive: true })).toSorted()).toEqual([
        "new",
        "old",
        "sub",
        "sub/x",
      ]);
    },
  );

  test("tells what an earlier copy left here that was killed", async () => {
    await using there = await scene();
    const { folder, executor } = there;
    const left = ".holdfast-01234567-89ab-cdef-0123-456789abcdef";
    for (const name of ["tree", `copy/${left}`]) await mkdir(folder.join(name), { recursive: true });
    const warnings: string[] = [];
    const onWarning = (line: string): void => void warnings.push(line);
    await mirror(executor, "down", folder, ["tree", "copy"], { onWarning, delete: true });
    await download(executor, folder.join("tree"), "new", { cwd: folder.path, onWarning });
    expect(warnings).toEqual([expect.stringContaining(`${left} in copy`)]);
    expect(await readdir(folder.join("copy"))).toEqual([left]);
  });

  test("makes one folder like another, in both directions, and says what it was not told", async () => {
    await using folder = await tempDir();
    await fill(folder, "tree");
    const run = (...args: string[]) => holdfast(["sync", ...args], { cwd: folder.path });
    expect(await run("tree", "remote:copy")).toMatchObject({ code: 0, stderr: "" });
    expect(await run("--delete", "remote:copy", "back")).toMatchObject({ code: 0, stderr: "" });
    const [tree, back] = await looks(folder, "tree", "back");
    expect(back).toEqual(tree);
    await rename(folder.join("tree", "large"), folder.join("tree", "renamed"));
    expect(await run("--delete", "--checksum", "tree", "remote:copy")).toMatchObject({ code: 0, stderr: "" });
    expect((await readdir(folder.join("copy"))).includes("large")).toBe(false);
    for (const args of [
      ["tree", "copy"],
      ["remote:tree", "remote:copy"],
      ["--checksum", "--whole", "tree", "remote:copy"],
    ]) {
      expect(await run(...args)).toMatchObject({ code: 2 });
    }
    for (const name of ["tree", "copy", "back"]) await chmod(folder.join(name, "sub"), 0o755);
  });
});
