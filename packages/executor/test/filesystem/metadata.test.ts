import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { canonicalize, getMetadata, readDirectory } from "../../src/filesystem/index.ts";
import { faultOf, isLinux, makeFifo, type TempFolder, tempFolder } from "./helpers.ts";

function populate(folder: TempFolder): void {
  mkdirSync(folder.at("d"));
  writeFileSync(folder.at("d/f"), "abc");
  symlinkSync("d/f", folder.at("l"));
  symlinkSync("d", folder.at("dl"));
  symlinkSync("zz", folder.at("dangling"));
  makeFifo(folder.at("fifo"));
}

describe("getMetadata", () => {
  test("describes a file", async () => {
    using folder = tempFolder();
    populate(folder);
    utimesSync(folder.at("d/f"), 1_000, 1_234.567);
    const { createdAtMs, ...rest } = await getMetadata(folder.bytes("d/f"));
    expect(rest).toEqual({ isDirectory: false, isFile: true, isSymlink: false, size: 3, modifiedAtMs: 1_234_567 });
    expect(Number.isInteger(createdAtMs) && createdAtMs >= 0).toBe(true);
  });

  test("describes the target of a link and says that it is one", async () => {
    using folder = tempFolder();
    populate(folder);
    expect(await getMetadata(folder.bytes("l"))).toMatchObject({ isFile: true, isSymlink: true, size: 3 });
    expect(await getMetadata(folder.bytes("dl"))).toMatchObject({ isDirectory: true, isFile: false, isSymlink: true });
    expect(await getMetadata(folder.bytes("dl/f"))).toMatchObject({ isFile: true, isSymlink: false });
  });

  test("sets neither kind for a FIFO", async () => {
    using folder = tempFolder();
    populate(folder);
    expect(await getMetadata(folder.bytes("fifo"))).toMatchObject({
      isDirectory: false,
      isFile: false,
      isSymlink: false,
    });
  });

  test("gives 0 for a time before 1970", async () => {
    using folder = tempFolder();
    populate(folder);
    utimesSync(folder.at("d/f"), new Date(-1_000_000), new Date(-1_000_000));
    expect((await getMetadata(folder.bytes("d/f"))).modifiedAtMs).toBe(0);
  });

  test.each([
    ["a missing path", "zz", {}, "not-found", "No such file or directory (os error 2)"],
    ["a dangling link", "dangling", {}, "not-found", "No such file or directory (os error 2)"],
    ["a path through a file", "d/f/x", {}, "other", "Not a directory (os error 20)"],
    ["a link, unfollowed", "l", { followSymlinks: false }, "invalid-input", "path contains a symbolic link"],
    [
      "a dangling link, unfollowed",
      "dangling",
      { followSymlinks: false },
      "invalid-input",
      "path contains a symbolic link",
    ],
    ["a link in the middle, unfollowed", "dl/f", { followSymlinks: false }, "other", "Not a directory (os error 20)"],
    [
      "a missing path, unfollowed",
      "d/zz",
      { followSymlinks: false },
      "not-found",
      "No such file or directory (os error 2)",
    ],
  ])("refuses %s", async (_what, name, options, kind, message) => {
    using folder = tempFolder();
    populate(folder);
    expect(await faultOf(getMetadata(folder.bytes(name), options))).toEqual({ kind, message });
  });

  test("describes what is reached without a link", async () => {
    using folder = tempFolder();
    populate(folder);
    expect(await getMetadata(folder.bytes("d/f"), { followSymlinks: false })).toMatchObject({ isFile: true, size: 3 });
    expect(await getMetadata(Buffer.from("/"), { followSymlinks: false })).toMatchObject({ isDirectory: true });
  });
});

describe("canonicalize", () => {
  test("resolves links and dot segments", async () => {
    using folder = tempFolder();
    populate(folder);
    expect((await canonicalize(folder.bytes("dl/../l"))).toString()).toBe(folder.at("d/f"));
    expect((await canonicalize(Buffer.from(`${folder.path}//dl/`))).toString()).toBe(folder.at("d"));
  });

  test("keeps bytes that are not UTF-8", async () => {
    using folder = tempFolder();
    if (!isLinux) return;
    const name = Buffer.from([0xff, 0x09]);
    mkdirSync(folder.bytes(name));
    symlinkSync(name, folder.at("odd"));
    expect(await canonicalize(folder.bytes("odd"))).toEqual(folder.bytes(name));
  });

  test.each(["zz", "dangling"])("does not find %s", async (name) => {
    using folder = tempFolder();
    populate(folder);
    expect((await faultOf(canonicalize(folder.bytes(name)))).kind).toBe("not-found");
  });
});

describe("readDirectory", () => {
  test("describes links by their target and leaves dangling ones out, unless they are asked for", async () => {
    using folder = tempFolder();
    populate(folder);
    symlinkSync("loop", folder.at("loop"));
    const shown = async (options?: { readonly danglingLinks: boolean }) => {
      const entries = await readDirectory(Buffer.from(folder.path), options);
      return Object.fromEntries(entries.map(({ name, ...kind }) => [name.toString(), kind] as const));
    };
    const known = {
      d: { isDirectory: true, isFile: false },
      dl: { isDirectory: true, isFile: false },
      l: { isDirectory: false, isFile: true },
      fifo: { isDirectory: false, isFile: false },
    };
    expect(await shown()).toEqual(known);
    const neither = { isDirectory: false, isFile: false };
    expect(await shown({ danglingLinks: true })).toEqual({ ...known, dangling: neither, loop: neither });
  });

  test("answers names byte for byte", async () => {
    using folder = tempFolder();
    if (!isLinux) return;
    const names = [Buffer.from([0xff]), Buffer.from("tab\there"), Buffer.from("line\nbreak"), Buffer.from("ü")];
    for (const name of names) writeFileSync(folder.bytes(name), "");
    const entries = await readDirectory(Buffer.from(folder.path));
    expect(entries.map(({ name }) => name.toString("hex")).sort()).toEqual(
      names.map((name) => name.toString("hex")).sort(),
    );
  });

  test("refuses a file and a missing path", async () => {
    using folder = tempFolder();
    populate(folder);
    expect(await faultOf(readDirectory(folder.bytes("d/f")))).toEqual({
      kind: "other",
      message: "Not a directory (os error 20)",
    });
    expect((await faultOf(readDirectory(folder.bytes("zz")))).kind).toBe("not-found");
  });
});
