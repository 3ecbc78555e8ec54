import { execFile } from "node:child_process";
import { readdirSync, readlinkSync, rmSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { connect } from "@holdfast/exec-client";
import { mountSmallDisk, tempDir, until } from "@holdfast/testkit";
import { afterAll, describe, expect, test } from "vitest";
import { openEmbedded } from "../../src/executor/open-executor.ts";
import { everyByte, holdfast, lines, serve } from "../support/cli.ts";
import { copy } from "../support/copy.ts";

const MIB = 1024 * 1024;

/** Files below a folder that a program has open. */
function openBelow(pid: number | undefined, folder: string): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/${pid}/fd/${fd}`);
      return target.startsWith(folder) ? [target] : [];
    } catch {
      return [];
    }
  });
}

const disk = mountSmallDisk(4096);
const mounted = "path" in disk ? disk : undefined;
afterAll(() => mounted?.unmount());

describe.skipIf(mounted === undefined)(`a disk of 4 MiB${"reason" in disk ? ` (skipped: ${disk.reason})` : ""}`, () => {
  const at = (name: string): string => join(mounted?.path ?? "", name);

  test.each([
    ["a file up", ["large"], ["file"], "remote:"],
    ["a file down", ["remote:large"], ["file"], ""],
    ["a folder up", ["-r", "tree"], [], "remote:"],
    ["a folder down", ["-r", "remote:tree"], [], ""],
  ] as const)("that is full leaves what was there, and nothing else: %s", async (_, args, name, side) => {
    await using folder = await tempDir();
    await writeFile(folder.join("large"), everyByte(6 * MIB));
    await mkdir(folder.join("tree"));
    for (const each of ["a", "b", "c"]) await writeFile(folder.join("tree", each), everyByte(2 * MIB));
    await writeFile(at("file"), "old");
    const target = `${side}${at(name[0] ?? "copy")}`;
    const { code, stderr } = await holdfast(["cp", ...args, target], { cwd: folder.path });
    expect([code, lines(stderr)]).toEqual([1, [expect.stringMatching(/no space left on device.*; make room there/i)]]);
    expect(await readdir(mounted?.path ?? "")).toEqual(["file"]);
    expect(await readFile(at("file"), "utf8")).toBe("old");
  });

  test("that is full keeps what a large writeFile would have replaced", async () => {
    await using folder = await tempDir();
    await using opened = await openEmbedded({ env: process.env, cwd: folder.path });
    await writeFile(at("file"), "old");
    await expect(opened.executor.fs.writeFile(at("file"), new Uint8Array(20 * MIB))).rejects.toMatchObject({
      code: "ENOSPC",
    });
    expect(await readdir(mounted?.path ?? "")).toEqual(["file"]);
    expect(await readFile(at("file"), "utf8")).toBe("old");
  });

  test.each([
    ["in one message", 6 * MIB],
    ["in blocks", 20 * MIB],
    ["as a stream", undefined],
  ])("that is full says so to who writes %s, and costs neither line nor handle", async (_, size) => {
    await using server = await serve();
    await using executor = await connect(server.url, { recovery: false });
    await writeFile(at("file"), "old");
    const writing =
      size === undefined
        ? new Blob([everyByte(20 * MIB)]).stream().pipeTo(executor.fs.createWriteStream(at("file")))
        : executor.fs.writeFile(at("file"), everyByte(size));
    await expect(writing).rejects.toMatchObject({
      name: "FileError",
      code: "ENOSPC",
      path: at("file"),
      cause: { name: "RemoteError", code: -32603, message: "No space left on device (os error 28)" },
    });
    expect(await readdir(mounted?.path ?? "")).toEqual(["file"]);
    expect(await readFile(at("file"), "utf8")).toBe("old");
    await until(() => openBelow(server.child.pid, mounted?.path ?? "").length === 0);
    expect(executor.state).toBe("connected");
    await executor.fs.writeFile(at("file"), "new");
    expect(await readFile(at("file"), "utf8")).toBe("new");
  });

  test.each([
    ["a file", "remote:large"],
    ["a folder", "remote:tree"],
  ] as const)("that is full here closes what is open there: %s", async (_, source) => {
    await using folder = await tempDir();
    await writeFile(folder.join("large"), everyByte(20 * MIB));
    await mkdir(folder.join("tree"));
    for (const each of ["a", "b", "c"]) await writeFile(folder.join("tree", each), everyByte(20 * MIB));
    await writeFile(at("file"), "old");
    await using server = await serve({ cwd: folder.path });
    await using executor = await connect(server.url, { recovery: false });
    const copying = copy(executor, [source, at("copy")], { cwd: folder.path });
    await expect(copying).rejects.toThrow(/no space left on device; make room there/);
    expect(await readdir(mounted?.path ?? "")).toEqual(["file"]);
    const open = (): string[] => openBelow(server.child.pid, folder.path).filter((path) => path !== folder.path);
    await until(() => open().length === 0);
    expect(executor.state).toBe("connected");
  });

  // The last one: from here on it takes nothing.
  test("that may not be written takes nothing, and that is told", async () => {
    await using folder = await tempDir();
    await writeFile(folder.join("file"), "new");
    await mkdir(folder.join("tree"));
    mounted?.refuseWrites();
    for (const args of [
      ["file", `remote:${at("x")}`],
      ["remote:file", at("x")],
      ["-r", "tree", `remote:${at("x")}`],
      ["-r", "remote:tree", at("x")],
    ]) {
      const { code, stderr } = await holdfast(["cp", ...args], { cwd: folder.path });
      expect([code, lines(stderr)]).toEqual([1, [expect.stringMatching(/read-only file system/i)]]);
    }
  });
});

describe("what is no file to read", () => {
  test.each(["/dev/zero", "fifo", "folder"])("is refused by name: %s", async (name) => {
    await using folder = await tempDir();
    await mkdir(folder.join("folder"));
    await promisify(execFile)("mkfifo", [folder.join("fifo")]);
    await using opened = await openEmbedded({ env: process.env, cwd: folder.path });
    const path = name.startsWith("/") ? name : folder.join(name);
    const cause = { code: -32600, message: `path \`${path}\` is not a file` };
    const refusal = { name: "FileError", code: name === "folder" ? "EISDIR" : "refused", path, cause };
    const { fs } = opened.executor;
    await expect(fs.createReadStream(path).getReader().read()).rejects.toMatchObject(refusal);
    await expect(fs.readFile(path)).rejects.toMatchObject(refusal);
  });
});

test("130 opens: the last wait for those that are open, and streams that ended have freed their places", async () => {
  await using folder = await tempDir();
  await writeFile(folder.join("file"), "content");
  await using opened = await openEmbedded({ env: process.env, cwd: folder.path });
  const { fs } = opened.executor;
  const opens = Array.from({ length: 130 }, () => fs.open(folder.join("file")));
  let openedCount = 0;
  for (const open of opens) void open.then(() => (openedCount += 1));
  const first = await opens[0];
  await expect(fs.open(folder.join("file"), { timeoutMs: 100 })).rejects.toMatchObject({
    name: "TimeoutError",
    delivery: "not-sent",
  });
  expect(openedCount).toBeLessThan(129);
  await first?.close();
  await Promise.all(opens.map(async (open) => (await open).close().catch(() => {})));
  expect(openedCount).toBe(130);
  for (let time = 0; time < 130; time += 1) {
    for await (const block of fs.createReadStream(folder.join("file"))) expect(block.byteLength).toBe(7);
    const stopped = fs.createReadStream(folder.join("file")).getReader();
    await stopped.read();
    await stopped.cancel();
  }
});

test("a file that vanishes while its folder is copied is told, and the rest arrives", async () => {
  await using folder = await tempDir();
  await mkdir(folder.join("tree"));
  // More than is read ahead.
  const kept = everyByte(40 * MIB);
  await writeFile(folder.join("tree", "kept"), kept);
  await writeFile(folder.join("tree", "secret"), "content");
  await using opened = await openEmbedded({ env: process.env, cwd: folder.path });
  const told: string[] = [];
  await copy(opened.executor, ["remote:tree", "copy"], {
    cwd: folder.path,
    onProblem: (line) => void told.push(line),
    onProgress: ({ transferredBytes }) => {
      if (transferredBytes > 0) rmSync(folder.join("tree", "secret"), { force: true });
    },
  });
  expect((await readFile(folder.join("copy", "kept"))).equals(kept)).toBe(true);
  expect(told).toEqual([expect.stringMatching(/cannot copy remote:tree\/secret: No such file/)]);
  expect(await readdir(folder.join("copy"))).toEqual(["kept"]);
});

test("a file of 64 MiB is written and read over a websocket, and the line is there afterwards", {
  timeout: 90_000,
}, async () => {
  await using folder = await tempDir();
  await using server = await serve({ cwd: folder.path });
  await using executor = await connect(server.url, { recovery: false });
  const content = everyByte(64 * MIB);
  await executor.fs.writeFile(folder.join("file"), content);
  expect((await readFile(folder.join("file"))).equals(content)).toBe(true);
  expect(Buffer.from(await executor.fs.readFile(folder.join("file"))).equals(content)).toBe(true);
  expect(executor.state).toBe("connected");
});
