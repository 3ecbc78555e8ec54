import { describe, expect, test } from "vitest";
import { isNotFound } from "../../src/errors.ts";
import { connected, settle } from "../support/connected.ts";
import { type Handler, NO_ANSWER, Refusal } from "../support/fake-exec-server.ts";

function base64(text: string) {
  return Buffer.from(text).toString("base64");
}

describe("whole files", () => {
  test("are read as bytes and as text", async () => {
    await using line = await connected({ "fs/readFile": () => ({ dataBase64: base64("\ufeffgrün") }) });
    const { fs } = line.executor;
    expect(await fs.readFile("/a")).toEqual(new Uint8Array(Buffer.from("\ufeffgrün")));
    expect(await fs.readTextFile("/a")).toBe("\ufeffgrün");
    expect(line.server.of("fs/readFile")[0]).toEqual({ path: "file:///a" });
  });

  test("are written from bytes and from text", async () => {
    await using line = await connected({ "fs/writeFile": () => ({}) });
    const { fs } = line.executor;
    const shared = Buffer.from("xxgrünxx");
    await fs.writeFile("/a", shared.subarray(2, -2));
    await fs.writeTextFile("/a", "grün");
    expect(line.server.of("fs/writeFile")).toEqual([
      { path: "file:///a", dataBase64: base64("grün") },
      { path: "file:///a", dataBase64: base64("grün") },
    ]);
  });

  test("with broken base64 are an error, never a part of the file", async () => {
    await using line = await connected({ "fs/readFile": () => ({ dataBase64: "AAA!AAAA" }) });
    await expect(line.executor.fs.readFile("/a")).rejects.toThrow("Invalid symbol 33, offset 3. at `dataBase64`");
  });
});

describe("refusals", () => {
  test("are FileErrors; isNotFound knows the one for a missing file", async () => {
    let refusal = new Refusal(-32004, "No such file or directory (os error 2)");
    await using line = await connected({
      "fs/readFile": () => {
        throw refusal;
      },
    });
    const missing = await line.executor.fs.readFile("/a").catch((error: unknown) => error);
    expect(missing).toMatchObject({
      name: "FileError",
      code: "ENOENT",
      method: "fs.readFile",
      path: "/a",
      message: "ENOENT: no such file or directory, fs.readFile '/a'",
      cause: { name: "RemoteError", code: -32004, method: "fs/readFile" },
    });
    expect(isNotFound(missing)).toBe(true);
    refusal = new Refusal(-32600, "Permission denied (os error 13)");
    expect(isNotFound(await line.executor.fs.readFile("/a").catch((error: unknown) => error))).toBe(false);
    expect(isNotFound(Object.assign(new Error("x"), { code: -32004 }))).toBe(false);
  });

  test("of a relative path come before anything is sent", async () => {
    await using line = await connected();
    const { fs } = line.executor;
    await expect(fs.remove("a")).rejects.toMatchObject({ argument: "path" });
    await expect(fs.copy("a", "/b")).rejects.toMatchObject({ argument: "source" });
    await expect(fs.copy("/a", "b")).rejects.toMatchObject({ argument: "destination" });
    expect(line.server.received.filter(({ method }) => method.startsWith("fs/"))).toEqual([]);
  });
});

describe("defaults are said aloud:", () => {
  const anything: Record<string, Handler> = {
    "fs/remove": () => ({}),
    "fs/createDirectory": () => ({}),
    "fs/copy": () => ({}),
    "fs/walk": () => ({ entries: [], errors: [], truncated: false }),
  };

  test("remove is neither recursive nor forced", async () => {
    await using line = await connected(anything);
    await line.executor.fs.remove("/a");
    await line.executor.fs.remove("/a", { recursive: true, force: true, followSymlinks: false });
    await line.executor.fs.remove("/a", { recursive: undefined });
    expect(line.server.of("fs/remove")).toEqual([
      { path: "file:///a", recursive: false, force: false },
      { path: "file:///a", recursive: true, force: true, followSymlinks: false },
      { path: "file:///a", recursive: false, force: false },
    ]);
  });

  test("createDirectory and copy are not recursive", async () => {
    await using line = await connected(anything);
    await line.executor.fs.createDirectory("/a");
    await line.executor.fs.copy("/a", "/b");
    expect(line.server.of("fs/createDirectory")).toEqual([{ path: "file:///a", recursive: false }]);
    expect(line.server.of("fs/copy")).toEqual([
      { sourcePath: "file:///a", destinationPath: "file:///b", recursive: false },
    ]);
  });

  test("walk goes as far as the wire allows", async () => {
    await using line = await connected(anything);
    await line.executor.fs.walk("/a", { maxDepth: 2 });
    expect(line.server.of("fs/walk")).toEqual([
      {
        path: "file:///a",
        options: {
          maxDepth: 2,
          maxDirectories: 10_000,
          maxEntries: 50_000,
          followDirectorySymlinks: false,
          pruneHiddenDirectories: false,
        },
      },
    ]);
  });
});

test("metadata, canonicalize and readDirectory speak the client's names", async () => {
  const facts = { isDirectory: false, isFile: true, isSymlink: false, size: 3, createdAtMs: 0, modifiedAtMs: 5 };
  await using line = await connected({
    "fs/getMetadata": () => ({ ...facts, somethingNewer: 1 }),
    "fs/canonicalize": () => ({ path: "file:///real" }),
    "fs/readDirectory": () => ({ entries: [{ fileName: "a", isDirectory: false, isFile: true }] }),
  });
  const { fs } = line.executor;
  expect(await fs.metadata("/a")).toEqual(facts);
  expect(await fs.canonicalize("/a")).toBe("file:///real");
  expect(await fs.realpath("/a")).toBe("/real");
  const entries = [{ name: "a", isDirectory: false, isFile: true }];
  expect(await fs.readDirectory("/a")).toEqual(entries);
  expect(await fs.readdir("/a")).toEqual(["a"]);
  expect(await fs.readdir("/a", { withFileTypes: true })).toEqual(entries);
  expect(await fs.exists("/a")).toBe(true);
});

describe("handles", () => {
  test("read, write and close by their id, and close once", async () => {
    await using line = await connected({
      "fs/open": ({ handleId }) => ({ handleId }),
      "fs/readBlock": () => ({ chunk: base64("abc"), eof: true }),
      "fs/writeBlock": () => ({}),
    });
    const handle = await line.executor.fs.open("/a", { mode: "replace" });
    const [{ handleId }] = line.server.of("fs/open") as [{ handleId: string }];
    expect(line.server.of("fs/open")).toEqual([{ path: "file:///a", handleId, mode: "replace" }]);
    expect(await handle.read(7, 10)).toEqual({ data: new Uint8Array(Buffer.from("abc")), isEnd: true });
    await handle.write(3, Buffer.from("abc"));
    await Promise.all([handle.close(), handle.close()]);
    await handle[Symbol.asyncDispose]();
    expect(line.server.of("fs/readBlock")).toEqual([{ handleId, offset: 7, len: 10 }]);
    expect(line.server.of("fs/writeBlock")).toEqual([{ handleId, offset: 3, chunk: base64("abc") }]);
    expect(line.server.of("fs/close")).toEqual([{ handleId }]);
  });

  test.each([0, -1, 1.5, 1_048_577, Number.NaN])(
    "refuse a block of %d bytes before anything is sent",
    async (length) => {
      await using line = await connected({ "fs/open": ({ handleId }) => ({ handleId }) });
      const handle = await line.executor.fs.open("/a");
      await expect(handle.read(0, length)).rejects.toMatchObject({ argument: "length" });
      expect(line.server.of("fs/readBlock")).toEqual([]);
    },
  );

  test("that were given up while opening are closed once they are open", async () => {
    const answer = Promise.withResolvers<void>();
    await using line = await connected({
      "fs/open": async ({ handleId }) => {
        await answer.promise;
        return { handleId };
      },
    });
    const controller = new AbortController();
    const opening = line.executor.fs.open("/a", { signal: controller.signal });
    const failed = expect(opening).rejects.toMatchObject({ code: "aborted", delivery: "unknown" });
    await settle();
    controller.abort();
    await failed;
    expect(line.server.of("fs/close")).toEqual([]);
    answer.resolve();
    await settle();
    expect(line.server.of("fs/close")).toHaveLength(1);
  });

  test("whose opening was not answered in time are closed", async () => {
    await using line = await connected({ "fs/open": () => NO_ANSWER });
    const failed = expect(line.executor.fs.open("/a", { timeoutMs: 50 })).rejects.toMatchObject({ code: "timeout" });
    await settle();
    await line.clock.advance(50);
    await failed;
    await settle();
    expect(line.server.of("fs/close")).toHaveLength(1);
  });
});

test("handle ids are unique and no longer than the 32 bytes that executors take", async () => {
  await using line = await connected({ "fs/open": ({ handleId }) => ({ handleId }) });
  await Promise.all(Array.from({ length: 100 }, () => line.executor.fs.open("/a")));
  const ids = line.server.of("fs/open").map(({ handleId }) => String(handleId));
  expect(new Set(ids).size).toBe(100);
  expect(Math.max(...ids.map((id) => Buffer.byteLength(id)))).toBeLessThanOrEqual(32);
});
