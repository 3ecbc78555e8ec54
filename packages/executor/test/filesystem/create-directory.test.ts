import { mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createDirectory } from "../../src/filesystem/index.ts";
import { descriptorsBelow, faultOf, isLinux, namesIn, type TempFolder, tempFolder } from "./helpers.ts";

function populate(folder: TempFolder): void {
  mkdirSync(folder.at("d"));
  writeFileSync(folder.at("f"), "");
  symlinkSync("d", folder.at("dl"));
  symlinkSync("zz", folder.at("dangling"));
}

describe("createDirectory", () => {
  test("creates missing parents by default, and is content with what is there", async () => {
    using folder = tempFolder();
    await createDirectory(folder.bytes("a/b/c"));
    await createDirectory(folder.bytes("a/b/c"));
    expect(statSync(folder.at("a/b/c")).isDirectory()).toBe(true);
    expect(statSync(folder.at("a")).mode & 0o777).toBe(0o777 & ~process.umask());
    await createDirectory(Buffer.from("/"));
  });

  test("creates below a link and is content with a link to a directory", async () => {
    using folder = tempFolder();
    populate(folder);
    await createDirectory(folder.bytes("dl"));
    await createDirectory(folder.bytes("dl/x/y"));
    expect(statSync(folder.at("d/x/y")).isDirectory()).toBe(true);
  });

  test("creates a name that is not UTF-8, and below it", async () => {
    using folder = tempFolder();
    if (!isLinux) return;
    const name = Buffer.from([0x64, 0xff]);
    await createDirectory(folder.bytes(name, "in"));
    expect(statSync(folder.bytes(name, "in")).isDirectory()).toBe(true);
  });

  test.each([
    ["an existing file", "f", {}, "other", "File exists (os error 17)"],
    ["a dangling link", "dangling", {}, "other", "File exists (os error 17)"],
    ["a path below a file", "f/x/y", {}, "other", "Not a directory (os error 20)"],
    ["an existing directory without recursive", "d", { recursive: false }, "other", "File exists (os error 17)"],
    [
      "a missing parent without recursive",
      "a/b",
      { recursive: false },
      "not-found",
      "No such file or directory (os error 2)",
    ],
  ])("refuses %s", async (_what, name, options, kind, message) => {
    using folder = tempFolder();
    populate(folder);
    const before = namesIn(folder.path);
    expect(await faultOf(createDirectory(folder.bytes(name), options))).toEqual({ kind, message });
    expect(namesIn(folder.path)).toEqual(before);
  });

  test("creates one directory without recursive", async () => {
    using folder = tempFolder();
    await createDirectory(folder.bytes("a"), { recursive: false });
    expect(namesIn(folder.path)).toEqual(["a"]);
  });
});

describe.skipIf(!isLinux)("createDirectory without following links", () => {
  test("creates the chain, or one directory, and is content with what is there", async () => {
    using folder = tempFolder();
    populate(folder);
    await createDirectory(folder.bytes("d/a/b"), { followSymlinks: false });
    await createDirectory(folder.bytes("d/a/b"), { followSymlinks: false });
    await createDirectory(folder.bytes("one"), { followSymlinks: false, recursive: false });
    expect(statSync(folder.at("d/a/b")).isDirectory()).toBe(true);
    expect(statSync(folder.at("one")).isDirectory()).toBe(true);
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  test.each([
    ["a link to a directory", "dl", {}, "Not a directory (os error 20)"],
    ["a link in the middle", "dl/new/x", {}, "Not a directory (os error 20)"],
    ["a file", "f", {}, "Not a directory (os error 20)"],
    ["an existing directory without recursive", "d", { recursive: false }, "File exists (os error 17)"],
  ])("refuses %s", async (_what, name, options, message) => {
    using folder = tempFolder();
    populate(folder);
    expect(await faultOf(createDirectory(folder.bytes(name), { ...options, followSymlinks: false }))).toEqual({
      kind: "other",
      message,
    });
    expect(namesIn(folder.at("d"))).toEqual([]);
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });
});
