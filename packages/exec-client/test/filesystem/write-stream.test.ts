import {
  chmod,
  copyFile,
  link,
  mkdir,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import type { Executor } from "../../src/executor.ts";
import { connected, settle } from "../support/connected.ts";
import { Dialler, recoverable } from "../support/dialler.ts";
import { diskHandlers } from "../support/disk-executor.ts";
import { DiskPrograms } from "../support/disk-programs.ts";
import { type Handler, LINUX_INFO, NO_ANSWER, Refusal } from "../support/fake-exec-server.ts";

const MIB = 1_048_576;
const LARGE = 20 * MIB + 7;

/** Executors before 0.169 take no blocks. */
const OLD: Record<string, Handler> = {
  initialize: () => ({ sessionId: "session-1", environmentInfo: { ...LINUX_INFO, capabilities: {} } }),
};

function patterned(bytes: number): Buffer {
  return Buffer.alloc(bytes, "0123456789abcdefg");
}

async function write(executor: Executor, path: string, chunks: Iterable<Uint8Array | string>, mode?: number) {
  const writer = executor.fs.createWriteStream(path, { mode }).getWriter();
  for (const chunk of chunks) await writer.write(chunk);
  await writer.close();
}

function* pieces(content: Buffer, bytes: number) {
  for (let at = 0; at < content.byteLength; at += bytes) yield content.subarray(at, at + bytes);
}

describe.each([
  ["in blocks", {}],
  ["in messages, as executors before 0.169 take them", OLD],
] as const)("createWriteStream %s", (_, release) => {
  const onDisk = (extra: Record<string, Handler> = {}) => connected({ ...diskHandlers(), ...release, ...extra });

  test("joins a character that two texts share, and leaves nothing behind of half a one", async () => {
    await using folder = await tempDir();
    await using line = await onDisk();
    await write(line.executor, folder.join("whole"), ["a\ud83d", "\ude00b"]);
    expect(await readFile(folder.join("whole"), "utf8")).toBe("a😀b");
    const invalid = { name: "InvalidArgumentError" };
    for (const chunks of [["a\ud83d"], ["a\ud83d", "b"], ["\ude00"], ["a\ud83d", Buffer.from("b")]]) {
      await expect(write(line.executor, folder.join("half"), chunks)).rejects.toMatchObject(invalid);
      const written = line.executor.fs.writeFile(folder.join("half"), ReadableStream.from(chunks));
      await expect(written).rejects.toMatchObject(invalid);
    }
    await settle();
    expect(await readdir(folder.path)).toEqual(["whole"]);
  });

  test.each([
    ["nothing", 0, 1],
    ["one byte", 1, 1],
    ["a whole block", MIB, 300_000],
    ["many blocks", LARGE, 700_001],
  ])("writes %s", async (__, bytes, pieceBytes) => {
    await using folder = await tempDir();
    await using line = await onDisk();
    const content = patterned(bytes);
    await write(line.executor, folder.join("file"), pieces(content, pieceBytes));
    expect((await readFile(folder.join("file"))).equals(content)).toBe(true);
    expect(await readdir(folder.path)).toEqual(["file"]);
  });

  test("keeps the mode of what it replaces, or gives the one that was asked for", async () => {
    await using folder = await tempDir();
    await using line = await onDisk();
    await writeFile(folder.join("file"), "old");
    await chmod(folder.join("file"), 0o750);
    await write(line.executor, folder.join("file"), ["new"]);
    expect((await stat(folder.join("file"))).mode & 0o777).toBe(0o750);
    await write(line.executor, folder.join("file"), ["new"], 0o4711);
    expect((await stat(folder.join("file"))).mode & 0o7777).toBe(0o4711);
  });

  test("writes through a link", async () => {
    await using folder = await tempDir();
    await using line = await onDisk();
    await mkdir(folder.join("dir"));
    await writeFile(folder.join("dir", "target"), "old");
    await symlink("dir/target", folder.join("link"));
    await write(line.executor, folder.join("link"), ["new"]);
    expect(await readlink(folder.join("link"))).toBe("dir/target");
    expect(await readFile(folder.join("dir", "target"), "utf8")).toBe("new");
    expect(await readdir(folder.path)).toEqual(["dir", "link"]);
  });

  test("writes names that a shell would understand in its own way", async () => {
    await using folder = await tempDir();
    await using line = await onDisk();
    const names = ["-f", "a b", "a\nb\n", "$(touch x)", "%s\\n", "'\"`", "grün"];
    for (const name of names) await write(line.executor, folder.join(name), [name]);
    expect((await readdir(folder.path)).toSorted()).toEqual(names.toSorted());
    for (const name of names) expect(await readFile(folder.join(name), "utf8")).toBe(name);
  });

  test("shows nothing under the name before it is closed, and replaces at once", async () => {
    await using folder = await tempDir();
    await using line = await onDisk();
    await writeFile(folder.join("file"), "old");
    await link(folder.join("file"), folder.join("other"));
    const writer = line.executor.fs.createWriteStream(folder.join("file")).getWriter();
    for (const piece of pieces(patterned(LARGE), MIB)) await writer.write(piece);
    expect(await readFile(folder.join("file"), "utf8")).toBe("old");
    await writer.close();
    expect((await stat(folder.join("file"))).size).toBe(LARGE);
    expect(await readFile(folder.join("other"), "utf8")).toBe("old");
  });

  test("leaves nothing behind when it is aborted, by its writer or by the signal", async () => {
    await using folder = await tempDir();
    await using line = await onDisk();
    await writeFile(folder.join("file"), "old");
    const writer = line.executor.fs.createWriteStream(folder.join("file")).getWriter();
    await writer.write(patterned(LARGE));
    await writer.abort(new Error("enough"));
    expect(await readdir(folder.path)).toEqual(["file"]);
    const controller = new AbortController();
    const other = line.executor.fs.createWriteStream(folder.join("file"), { signal: controller.signal }).getWriter();
    await other.write(patterned(LARGE));
    controller.abort(new Error("enough"));
    await expect(other.write("x")).rejects.toThrow("enough");
    await until(async () => (await readdir(folder.path)).join() === "file");
    expect(await readFile(folder.join("file"), "utf8")).toBe("old");
  });

  test("refuses a folder, a missing folder and a chunk of another kind, and leaves nothing", async () => {
    await using folder = await tempDir();
    await using line = await onDisk();
    await mkdir(folder.join("dir"));
    await expect(write(line.executor, folder.join("dir"), ["x"])).rejects.toMatchObject({ code: "EISDIR" });
    await expect(write(line.executor, folder.join("no", "file"), ["x"])).rejects.toMatchObject({ code: "ENOENT" });
    await expect(write(line.executor, folder.join("file"), [7 as never])).rejects.toMatchObject({ argument: "chunk" });
    expect(await readdir(folder.path)).toEqual(["dir"]);
  });

  test("asks for nothing before the first write, and leaves nothing when it is never used", async () => {
    await using line = await onDisk();
    const writer = line.executor.fs.createWriteStream("/a").getWriter();
    await writer.ready;
    await settle();
    expect(line.server.received.filter(({ method }) => method.startsWith("fs/"))).toEqual([]);
    await writer.abort();
    await settle();
    expect(line.server.received.filter(({ method }) => method.startsWith("fs/"))).toEqual([]);
  });

  test("goes on after a lost line, with every byte once", async () => {
    await using folder = await tempDir();
    const dialler = new Dialler();
    const programs = new DiskPrograms();
    for (let lines = 0; lines < 4; lines += 1) dialler.plans.push({ ...diskHandlers(programs), ...release });
    const { connect } = await import("../../src/connect.ts");
    await using executor = await connect(dialler, { recovery: { retryIntervalMs: 1 } });
    const content = patterned(60 * MIB + 3);
    const writer = executor.fs.createWriteStream(folder.join("file")).getWriter();
    let written = 0;
    for (const piece of pieces(content, MIB)) {
      await writer.write(piece);
      written += 1;
      if ([1, 25, 45].includes(written)) dialler.last.hangUp();
    }
    await writer.close();
    expect((await readFile(folder.join("file"))).equals(content)).toBe(true);
    expect(await readdir(folder.path)).toEqual(["file"]);
    expect(dialler.servers).toHaveLength(4);
  });

  test("gives up when line after line breaks without a byte in between", async () => {
    await using folder = await tempDir();
    const { "fs/writeBlock": _block, "fs/writeFile": _file, ...handlers } = diskHandlers();
    const breaks: Handler = (__, server) => {
      server.hangUp();
      return NO_ANSWER;
    };
    await using line = await recoverable({ ...handlers, ...release, "fs/writeBlock": breaks, "fs/writeFile": breaks });
    const failed = expect(write(line.executor, folder.join("file"), [patterned(LARGE)])).rejects.toMatchObject({
      name: "LinkError",
      code: "closed",
    });
    let isOver = false;
    void failed.finally(() => {
      isOver = true;
    });
    // Slowly enough for a real disk to keep pace with the time limits of this clock.
    await until(
      async () => {
        if (!isOver) await line.clock.advance(20);
        return isOver;
      },
      { intervalMs: 1, deadlineMs: 25_000 },
    );
    await failed;
    expect(await readdir(folder.path)).not.toContain("file");
  });
});

describe("where there is no shell", () => {
  test("a link is looked for before a copy is begun and before it is put in place", async () => {
    await using folder = await tempDir();
    const windows = { ...LINUX_INFO, platformOs: "windows", cwd: "file:///C:/" };
    const initialize = () => ({ sessionId: "session-1", environmentInfo: windows });
    const copy: Handler = async (params) => {
      const { sourcePath, destinationPath } = params as unknown as Record<"sourcePath" | "destinationPath", string>;
      await copyFile(new URL(sourcePath), new URL(destinationPath));
      return {};
    };
    await using line = await connected({ ...diskHandlers(), initialize, "fs/copy": copy });
    await writeFile(folder.join("private"), "mine");
    await symlink("private", folder.join("link"));
    const write = (name: string) =>
      line.executor.fs.createWriteStream(`file://${folder.join(name)}`, { noFollowNames: 1 }).getWriter();
    await expect(write("link").write("new")).rejects.toMatchObject({
      code: "not-placed",
      message: expect.stringMatching(/link is a link.*name what it leads to/),
    });
    const late = write("late");
    await late.write("new");
    await symlink("private", folder.join("late"));
    await expect(late.close()).rejects.toThrow("is a link");
    expect(await readFile(folder.join("private"), "utf8")).toBe("mine");
    expect(await readdir(folder.path)).toEqual(["late", "link", "private"]);
    const file = write("file");
    await file.write("new");
    await file.close();
    expect(await readFile(folder.join("file"), "utf8")).toBe("new");
    expect(line.server.of("process/start")).toEqual([]);
  });
});

describe("where files are not staged, but names are changed", () => {
  test("a file with flag wx leaves what has its name, and is there whole where nothing has", async () => {
    await using folder = await tempDir();
    const capabilities = { ...LINUX_INFO.capabilities, holdfastFiles: true, holdfastNoReplace: true };
    const initialize = () => ({ sessionId: "session-1", environmentInfo: { ...LINUX_INFO, capabilities } });
    const rename: Handler = async (params) => {
      const { sourcePath, destinationPath, noReplace } = params as unknown as Record<string, string>;
      expect(noReplace).toBe(true);
      try {
        await link(new URL(sourcePath ?? ""), new URL(destinationPath ?? ""));
      } catch {
        throw new Refusal(-32603, "File exists (os error 17)");
      }
      await rm(new URL(sourcePath ?? ""));
      return {};
    };
    await using line = await connected({ ...diskHandlers(), initialize, "holdfast/rename": rename });
    const { fs } = line.executor;
    await writeFile(folder.join("taken"), "mine");
    const content = patterned(LARGE);
    const taken = [
      fs.writeFile(folder.join("taken"), content, { flag: "wx" }),
      new Blob(["new"]).stream().pipeTo(fs.createWriteStream(folder.join("taken"), { flag: "wx" })),
    ];
    for (const written of await Promise.allSettled(taken)) {
      expect(written).toMatchObject({ status: "rejected", reason: { code: "EEXIST" } });
    }
    await fs.writeFile(folder.join("large"), content, { flag: "wx" });
    await new Blob(["new"]).stream().pipeTo(fs.createWriteStream(folder.join("streamed"), { flag: "wx" }));
    await settle();
    expect(await readdir(folder.path)).toEqual(["large", "streamed", "taken"]);
    expect(await readFile(folder.join("taken"), "utf8")).toBe("mine");
    expect((await readFile(folder.join("large"))).equals(content)).toBe(true);
    expect(() => fs.createWriteStream("/a", { flag: "wx", noFollowNames: 1 })).toThrow("`holdfastStaging`");
  });
});

describe("writeFile", () => {
  test.each([
    ["in blocks", {}],
    ["in messages, as executors before 0.169 take them", OLD],
  ] as const)("sends no message that could cost the line: %s", async (_, release) => {
    await using folder = await tempDir();
    await using line = await connected({ ...diskHandlers(), ...release });
    const content = patterned(64 * MIB);
    await line.executor.fs.writeFile(folder.join("file"), content);
    expect((await readFile(folder.join("file"))).equals(content)).toBe(true);
    expect(Math.max(...line.server.received.map((message) => JSON.stringify(message).length))).toBeLessThan(16 * MIB);
    expect(await readdir(folder.path)).toEqual(["file"]);
  });

  test("of up to 11 MiB is one message", async () => {
    await using line = await connected({ "fs/writeFile": () => ({}) });
    await line.executor.fs.writeFile("/a", new Uint8Array(11 * MIB));
    expect(line.server.received.map(({ method }) => method)).toEqual(["initialize", "initialized", "fs/writeFile"]);
  });

  test("leaves what was there when the disk is full in the middle", async () => {
    await using folder = await tempDir();
    await writeFile(folder.join("file"), "old");
    let blocks = 0;
    const handlers = diskHandlers();
    const full: Handler = (params, server) => {
      blocks += 1;
      if (blocks > 12) throw new Refusal(-32603, "No space left on device (os error 28)");
      return handlers["fs/writeBlock"]?.(params, server);
    };
    await using line = await connected({ ...handlers, "fs/writeBlock": full });
    const writing = line.executor.fs.writeFile(folder.join("file"), patterned(LARGE));
    await expect(writing).rejects.toMatchObject({ code: "ENOSPC", method: "fs.writeFile" });
    expect(await readdir(folder.path)).toEqual(["file"]);
    expect(await readFile(folder.join("file"), "utf8")).toBe("old");
  });

  test("of a large file obeys its signal and its time", async () => {
    await using folder = await tempDir();
    await using line = await connected({ ...diskHandlers(), "fs/canonicalize": () => NO_ANSWER });
    const data = patterned(LARGE);
    const controller = new AbortController();
    const aborted = line.executor.fs.writeFile(folder.join("file"), data, { signal: controller.signal });
    const late = line.executor.fs.writeFile(folder.join("file"), data, { timeoutMs: 50 });
    const both = Promise.all([
      expect(aborted).rejects.toMatchObject({ name: "AbortError", code: "aborted", method: "fs/writeFile" }),
      expect(late).rejects.toMatchObject({ name: "TimeoutError", code: "timeout", method: "fs/writeFile" }),
    ]);
    await settle();
    controller.abort();
    await line.clock.advance(50);
    await both;
  });

  test("with a sandbox writes a large file in place, without a program outside of it", async () => {
    await using folder = await tempDir();
    await using line = await connected(diskHandlers());
    const sandbox = { permissions: { type: "disabled" } } as never;
    await line.executor.fs.writeFile(folder.join("file"), patterned(LARGE), { sandbox });
    expect((await stat(folder.join("file"))).size).toBe(LARGE);
    expect(line.server.of("process/start")).toEqual([]);
    expect(line.server.of("fs/open")).toEqual([expect.objectContaining({ sandbox, mode: "replace" })]);
  });

  test("says that it can not, where an old executor would run it in a sandbox", async () => {
    await using line = await connected(OLD);
    const sandbox = { permissions: { type: "disabled" } } as never;
    const writing = line.executor.fs.writeFile("/a", patterned(LARGE), { sandbox });
    await expect(writing).rejects.toMatchObject({ name: "FileTransferError", code: "unsupported" });
  });
});

describe("readFile", () => {
  test("of a large file reads blocks, and everything", async () => {
    await using folder = await tempDir();
    await writeFile(folder.join("file"), patterned(LARGE));
    await using line = await connected(diskHandlers());
    expect(Buffer.from(await line.executor.fs.readFile(folder.join("file"))).equals(patterned(LARGE))).toBe(true);
    expect(line.server.of("fs/readFile")).toEqual([]);
    await settle();
    expect(line.server.of("fs/close")).toHaveLength(1);
  });

  test("of a large file under a sandbox is one message where no file can be opened under one", async () => {
    await using folder = await tempDir();
    await writeFile(folder.join("file"), patterned(LARGE));
    const refusal: Handler = () => {
      throw new Refusal(-32600, "streaming file reads do not support platform sandboxing");
    };
    const whole: Handler = () => ({ dataBase64: patterned(LARGE).toString("base64") });
    await using line = await connected({ ...diskHandlers(), "fs/open": refusal, "fs/readFile": whole });
    const sandbox = { permissions: { type: "disabled" } } as never;
    const read = await line.executor.fs.readFile(folder.join("file"), { sandbox });
    expect(Buffer.from(read).equals(patterned(LARGE))).toBe(true);
    expect(line.server.of("fs/readFile")).toEqual([expect.objectContaining({ sandbox })]);
  });

  test("without following links is refused by its size when that would cost the line", async () => {
    const metadata = { isDirectory: false, isFile: true, isSymlink: false, createdAtMs: 0, modifiedAtMs: 0 };
    const whole: Handler = () => ({ dataBase64: "YQ==" });
    let size = 199_229_440;
    await using line = await connected({ "fs/getMetadata": () => ({ ...metadata, size }), "fs/readFile": whole });
    expect(await line.executor.fs.readTextFile("/a", { followSymlinks: false })).toBe("a");
    size += 1;
    await expect(line.executor.fs.readFile("/a", { followSymlinks: false })).rejects.toMatchObject({
      name: "FileTransferError",
      code: "unsupported",
    });
    expect(line.server.of("fs/readFile")).toHaveLength(1);
  });

  test.each([
    ["that is small", { isFile: true, size: 3 }],
    ["that is no file", { isFile: false, size: 1e9 }],
    ["that is larger than executors read", { isFile: true, size: 536_870_913 }],
  ])("of a path %s leaves it to the executor what to answer", async (_, facts) => {
    const metadata = { isDirectory: false, isSymlink: false, createdAtMs: 0, modifiedAtMs: 0, ...facts };
    await using line = await connected({
      "fs/getMetadata": () => metadata,
      "fs/readFile": () => ({ dataBase64: "YQ==" }),
    });
    expect(await line.executor.fs.readTextFile("/a")).toBe("a");
  });
});
