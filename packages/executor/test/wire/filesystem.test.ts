import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { until } from "@holdfast/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { base64, Line } from "./line.ts";

let folder: string;
let line: Line;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-fs-"));
  line = await Line.ready();
});
afterEach(async () => {
  await line.executor.close();
  rmSync(folder, { recursive: true, force: true });
});

function uri(name: string) {
  return pathToFileURL(join(folder, name)).href;
}

function at(name: string) {
  return join(folder, name);
}

function refusal(code: number, message: string | RegExp) {
  return expect.objectContaining({
    name: "RemoteError",
    code,
    message: typeof message === "string" ? message : expect.stringMatching(message),
  });
}

const noSuchFile = refusal(-32004, "No such file or directory (os error 2)");

describe("a copy whose client is gone", () => {
  test("stops, leaves nothing, and holds up nobody meanwhile", async () => {
    // It has no blocks on disk, and is not done before its client leaves.
    writeFileSync(at("large"), "");
    truncateSync(at("large"), 50_000_000_000);
    const other = await Line.ready({}, line.executor);
    const copies = Promise.allSettled(
      ["a", "b"].map((name) =>
        line.call("fs/copy", { sourcePath: uri("large"), destinationPath: uri(name), recursive: false }),
      ),
    );
    const parts = () => readdirSync(folder).filter((name) => name.startsWith(".holdfast-"));
    await until(() => parts().length > 0);
    expect(await other.call("fs/getMetadata", { path: uri("large") })).toMatchObject({ size: 50_000_000_000 });
    await line.hangUp();
    await copies;
    await until(() => parts().length === 0);
    expect(readdirSync(folder)).toEqual(["large"]);
  });
});

describe("files over the wire", () => {
  test("are written, read, described, copied, listed and removed", async () => {
    expect(await line.call("fs/createDirectory", { path: uri("a/b") })).toEqual({});
    expect(await line.call("fs/writeFile", { path: uri("a/b/f"), dataBase64: base64("hello") })).toEqual({});
    expect(await line.call("fs/readFile", { path: uri("a/b/f") })).toEqual({ dataBase64: base64("hello") });
    expect(await line.call("fs/getMetadata", { path: uri("a/b/f") })).toMatchObject({
      isFile: true,
      isDirectory: false,
      isSymlink: false,
      size: 5,
    });
    expect(await line.call("fs/copy", { sourcePath: uri("a"), destinationPath: uri("c"), recursive: true })).toEqual(
      {},
    );
    expect(await line.call("fs/readDirectory", { path: uri("c/b") })).toEqual({
      entries: [{ fileName: "f", isDirectory: false, isFile: true }],
    });
    expect(await line.call("fs/remove", { path: uri("a") })).toEqual({});
    expect(existsSync(at("a"))).toBe(false);
    expect(readFileSync(at("c/b/f"), "utf8")).toBe("hello");
  });

  test("take effect in the order sent, without waiting for answers", async () => {
    const calls = [
      line.call("fs/createDirectory", { path: uri("d") }),
      line.call("fs/writeFile", { path: uri("d/f"), dataBase64: base64("one") }),
      line.call("fs/readFile", { path: uri("d/f") }),
      line.call("fs/writeFile", { path: uri("d/f"), dataBase64: base64("two") }),
      line.call("fs/readFile", { path: uri("d/f") }),
      line.call("fs/open", { handleId: "h", path: uri("d/f") }),
      line.call("fs/readBlock", { handleId: "h", offset: 0, len: 10 }),
      line.call("fs/close", { handleId: "h" }),
    ];
    expect((await Promise.all(calls)).slice(2)).toEqual([
      { dataBase64: base64("one") },
      {},
      { dataBase64: base64("two") },
      { handleId: "h" },
      { chunk: base64("two"), eof: true },
      {},
    ]);
  });

  test("are found under their real name", async () => {
    symlinkSync(folder, at("link"));
    const { path } = await line.call("fs/canonicalize", { path: uri("link/link") });
    expect(path).toBe(pathToFileURL(folder).href);
  });

  test.each([
    ["fs/readFile", {}],
    ["fs/getMetadata", {}],
    ["fs/canonicalize", {}],
    ["fs/readDirectory", {}],
    ["fs/open", { handleId: "h" }],
    ["fs/remove", { force: false }],
    ["fs/walk", { options: { maxDepth: 1, maxDirectories: 1, maxEntries: 1, followDirectorySymlinks: false } }],
  ])("%s says that nothing is there", async (method, params) => {
    await expect(line.call(method, { path: uri("missing"), ...params })).rejects.toThrow(noSuchFile);
  });

  test.each([
    ["a native path", { path: "/etc/hostname" }, -32602, /^invalid URI: relative URL without a base.*`path`$/],
    ["another scheme", { path: "http://x/y" }, -32602, /^unsupported path URI scheme `http`.*`path`$/],
    ["a query", { path: "file:///a?b" }, -32602, /^query parameters are not allowed in path URIs.*`path`$/],
    ["a path of another kind of machine", { path: "file:///C:/x" }, -32600, "'file:///C:/x' is invalid on 'linux'"],
    ["no path", {}, -32602, "missing field `path`"],
    ["a number", { path: 1 }, -32602, /expected a string.*path/],
  ])("%s is refused", async (_, params, code, message) => {
    await expect(line.call("fs/readFile", params)).rejects.toThrow(refusal(code, message));
  });

  test.each([
    ["!AAA", /^fs\/writeFile requires valid base64 dataBase64: Invalid symbol 33, offset 0\.$/],
    ["AAA", /^fs\/writeFile requires valid base64 dataBase64: Invalid padding$/],
    ["AA-_", /^fs\/writeFile requires valid base64 dataBase64: Invalid symbol 45, offset 2\.$/],
  ])("%j is no base64, and the file stays as it was", async (dataBase64, message) => {
    writeFileSync(at("f"), "old");
    await expect(line.call("fs/writeFile", { path: uri("f"), dataBase64 })).rejects.toThrow(refusal(-32600, message));
    expect(readFileSync(at("f"), "utf8")).toBe("old");
  });

  test("that ask for a confinement are refused where there is none, and nothing happens", async () => {
    await using line = await Line.ready({ env: { PATH: "/nonexistent" } });
    const permissions = { type: "managed", network: "restricted", file_system: { type: "restricted", entries: [] } };
    const sandbox = { permissions, cwd: "file:///", windowsSandboxLevel: "disabled" };
    await expect(line.call("fs/writeFile", { path: uri("f"), dataBase64: "", sandbox })).rejects.toThrow(
      refusal(-32600, /^filesystem sandbox cannot be enforced on this executor: .+/),
    );
    expect(existsSync(at("f"))).toBe(false);
    const open = { ...sandbox, permissions: { type: "disabled" } };
    await line.call("fs/writeFile", { path: uri("f"), dataBase64: "", sandbox: open });
    expect(existsSync(at("f"))).toBe(true);
  });

  test("copied onto themselves lose nothing", async () => {
    writeFileSync(at("f"), "content");
    linkSync(at("f"), at("g"));
    await line.call("fs/copy", { sourcePath: uri("f"), destinationPath: uri("f"), recursive: false });
    await line.call("fs/copy", { sourcePath: uri("f"), destinationPath: uri("g"), recursive: false });
    expect(readFileSync(at("f"), "utf8")).toBe("content");
    expect(statSync(at("f")).ino).toBe(statSync(at("g")).ino);
  });

  test("with odd names come back as they are", async () => {
    const odd = Buffer.concat([Buffer.from(`${folder}/odd-`), Buffer.from([0xff, 0x09, 0x0a, 0x25])]);
    writeFileSync(odd, "odd");
    const options = { maxDepth: 4, maxDirectories: 10, maxEntries: 10, followDirectorySymlinks: false };
    const { entries, errors } = await line.call("fs/walk", { path: uri(""), options });
    expect(errors).toEqual([]);
    expect(entries).toEqual([{ path: `${pathToFileURL(folder).href}/odd-%FF%09%0A%25`, kind: "file" }]);
    expect(await line.call("fs/readFile", { path: entries[0].path })).toEqual({ dataBase64: base64("odd") });
  });
});

describe("fs/remove", () => {
  test("refuses the user's home and what contains it, whatever the options", async () => {
    const home = join(folder, "users", "me");
    mkdirSync(home, { recursive: true });
    await using guarded = await Line.ready({ env: { HOME: home } });
    for (const path of [home, join(folder, "users")]) {
      await expect(guarded.call("fs/remove", { path: pathToFileURL(path).href })).rejects.toThrow(
        refusal(-32600, /must not be removed/),
      );
    }
    expect(existsSync(home)).toBe(true);
    mkdirSync(join(home, "sub"));
    expect(await guarded.call("fs/remove", { path: pathToFileURL(join(home, "sub")).href })).toEqual({});
  });
});

describe("file handles", () => {
  test("read and write blocks", async () => {
    await line.call("fs/open", { handleId: "w", path: uri("f"), mode: "replace" });
    await line.call("fs/writeBlock", { handleId: "w", offset: 3, chunk: base64("def") });
    await line.call("fs/writeBlock", { handleId: "w", offset: 0, chunk: base64("abc") });
    await line.call("fs/close", { handleId: "w" });
    await line.call("fs/open", { handleId: "r", path: uri("f") });
    expect(await line.call("fs/readBlock", { handleId: "r", offset: 0, len: 6 })).toEqual({
      chunk: base64("abcdef"),
      eof: false,
    });
    expect(await line.call("fs/readBlock", { handleId: "r", offset: 6, len: 6 })).toEqual({ chunk: "", eof: true });
    await expect(line.call("fs/readBlock", { handleId: "r", offset: 0, len: 0 })).rejects.toThrow(
      refusal(-32600, "file read block length must be between 1 and 1048576"),
    );
    await expect(line.call("fs/readBlock", { handleId: "x", offset: 0, len: 1 })).rejects.toThrow(
      refusal(-32004, "unknown file handle `x`"),
    );
    expect(await line.call("fs/close", { handleId: "x" })).toEqual({});
  });

  test("are at most 128 per connection, and vanish with it", async () => {
    writeFileSync(at("f"), "x");
    for (let index = 0; index < 128; index++) await line.call("fs/open", { handleId: `h${index}`, path: uri("f") });
    await expect(line.call("fs/open", { handleId: "more", path: uri("f") })).rejects.toThrow(
      refusal(-32600, "at most 128 file handles may be open per connection"),
    );
    const other = await Line.ready({}, line.executor);
    expect(await other.call("fs/open", { handleId: "h0", path: uri("f") })).toEqual({ handleId: "h0" });
  });
});

describe("fs/watchMissing", () => {
  test("tells once when an absent path or its first absent ancestor appears", async () => {
    const watch = (watchId: number, missing: readonly string[], present: string | null = null) =>
      line.call("fs/watchMissing", {
        watchId,
        missing: missing.map(uri),
        present: present === null ? null : uri(present),
      });
    expect(await watch(1, ["x/y/z"])).toEqual({ watching: true });
    mkdirSync(at("x"));
    await line.when(() => line.notices.length === 1);
    expect(line.notices[0]).toEqual({ method: "fs/missingChanged", params: { watchId: 1 } });
    expect(await watch(2, ["x"])).toEqual({ watching: false });
    expect(await watch(2, ["q"])).toEqual({ watching: false });
    expect(await watch(3, [])).toEqual({ watching: false });
    expect(
      await watch(
        4,
        Array.from({ length: 65 }, (_, index) => `n${index}`),
      ),
    ).toEqual({ watching: false });
    expect(await watch(5, ["q"], "gone")).toEqual({ watching: false });
    expect(await watch(6, ["q"], "x")).toEqual({ watching: true });
    rmSync(at("x"), { recursive: true });
    await line.when(() => line.notices.length === 2);
    expect(line.notices[1]).toEqual({ method: "fs/missingChanged", params: { watchId: 6 } });
  });
});
