import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { nativeNaming, type WalkOptions, walk } from "../../src/filesystem/index.ts";
import { readPiecewise } from "../../src/filesystem/walk-listing.ts";
import { faultOf, isLinux, isRoot, makeFifo, type TempFolder, tempFolder } from "./helpers.ts";

const WIDE: WalkOptions = { maxDepth: 64, maxDirectories: 10_000, maxEntries: 50_000, followDirectorySymlinks: false };

/** Walks and shows paths relative to the folder; directories end with a slash. */
async function shownWalk(folder: TempFolder, options: Partial<WalkOptions> = {}, at = "", maxResponseBytes?: number) {
  const root = at === "" ? Buffer.from(folder.path) : folder.bytes(at);
  const settings = maxResponseBytes === undefined ? {} : { maxResponseBytes };
  const result = await walk(root, { ...WIDE, ...options }, nativeNaming(root), settings);
  const short = (path: Buffer) => path.toString().slice(folder.path.length + 1);
  return {
    entries: result.entries.map(({ path, kind }) => short(path) + (kind === "directory" ? "/" : "")),
    errors: result.errors.map(({ path, message }) => [short(path), message]),
    truncated: result.truncated,
  };
}

function populate(folder: TempFolder): void {
  mkdirSync(folder.at("a/b"), { recursive: true });
  writeFileSync(folder.at("a/b/deep"), "");
  mkdirSync(folder.at(".hidden"));
  writeFileSync(folder.at(".hidden/x"), "");
  mkdirSync(folder.at("c"));
  writeFileSync(folder.at("f"), "");
  symlinkSync("a", folder.at("l"));
  symlinkSync("f", folder.at("lf"));
  symlinkSync("zz", folder.at("dangling"));
  symlinkSync("loop", folder.at("loop"));
  makeFifo(folder.at("fifo"));
}

describe("walk", () => {
  test("lists breadth-first and sorted, without links, special files and the root", async () => {
    using folder = tempFolder();
    populate(folder);
    expect(await shownWalk(folder)).toEqual({
      entries: [".hidden/", "a/", "c/", "f", ".hidden/x", "a/b/", "a/b/deep"],
      errors: [],
      truncated: false,
    });
  });

  test("sorts by the bytes of the names", async () => {
    using folder = tempFolder();
    for (const name of ["b", "B", "a-", "a", "ä", "€", "😀", "\uffee"]) writeFileSync(folder.at(name), "");
    expect((await shownWalk(folder)).entries).toEqual(["B", "a", "a-", "b", "ä", "€", "\uffee", "😀"]);
  });

  test.skipIf(!isLinux)("answers names byte for byte, and enters them", async () => {
    using folder = tempFolder();
    const names = [
      Buffer.from("line\nbreak"),
      Buffer.from("tab\there"),
      Buffer.from([0x80, 0x61]),
      Buffer.from([0xff]),
    ];
    for (const name of names) {
      mkdirSync(folder.bytes(name));
      writeFileSync(folder.bytes(name, "in"), "");
    }
    const root = Buffer.from(folder.path);
    const result = await walk(root, WIDE, nativeNaming(root));
    const expected = [...names.map((name) => folder.bytes(name)), ...names.map((name) => folder.bytes(name, "in"))];
    expect(result.entries.map(({ path }) => path.toString("hex"))).toEqual(
      expected.map((path) => path.toString("hex")),
    );
    expect(result.errors).toEqual([]);
  });

  test("lists hidden directories without entering them when told to", async () => {
    using folder = tempFolder();
    populate(folder);
    const { entries } = await shownWalk(folder, { pruneHiddenDirectories: true });
    expect(entries).toEqual([".hidden/", "a/", "c/", "f", "a/b/", "a/b/deep"]);
  });

  test("follows links to directories when told to, and lists no other link", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("out/b"), { recursive: true });
    mkdirSync(folder.at("in"));
    symlinkSync("../out", folder.at("in/l"));
    writeFileSync(folder.at("out/f"), "");
    symlinkSync("f", folder.at("out/lf"));
    symlinkSync("zz", folder.at("out/dangling"));
    expect(await shownWalk(folder, { followDirectorySymlinks: true }, "in")).toEqual({
      entries: ["in/l/", "in/l/b/", "in/l/f"],
      errors: [],
      truncated: false,
    });
  });

  test("lists a directory that is reached again but does not enter it", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("a/up"), { recursive: true });
    symlinkSync("..", folder.at("a/cycle"));
    symlinkSync("../b", folder.at("a/to-b"));
    mkdirSync(folder.at("b/q"), { recursive: true });
    const { entries, truncated } = await shownWalk(folder, { followDirectorySymlinks: true });
    expect(entries).toEqual(["a/", "b/", "a/cycle/", "a/to-b/", "a/up/", "b/q/"]);
    expect(truncated).toBe(false);
  });

  test.each([
    ["a file", "f", false, []],
    ["a link that is not followed", "l", false, []],
    ["a link that is followed", "l", true, ["l/b/", "l/b/deep"]],
  ])("answers for a root that is %s", async (_what, at, followDirectorySymlinks, entries) => {
    using folder = tempFolder();
    populate(folder);
    expect(await shownWalk(folder, { followDirectorySymlinks }, at)).toEqual({ entries, errors: [], truncated: false });
  });

  test.each([
    ["zz", "not-found"],
    ["dangling", "not-found"],
    ["loop", "other"],
  ])("refuses %s as a root", async (at, kind) => {
    using folder = tempFolder();
    populate(folder);
    expect((await faultOf(shownWalk(folder, {}, at))).kind).toBe(kind);
  });

  test.each([
    [0, [".hidden/", "a/", "c/", "f"]],
    [1, [".hidden/", "a/", "c/", "f", ".hidden/x", "a/b/"]],
    [2, [".hidden/", "a/", "c/", "f", ".hidden/x", "a/b/", "a/b/deep"]],
  ])("enters directories up to depth %i without calling that a cut", async (maxDepth, entries) => {
    using folder = tempFolder();
    populate(folder);
    expect(await shownWalk(folder, { maxDepth })).toEqual({ entries, errors: [], truncated: false });
  });

  test.each([
    [1, ["a/", "b/", "c"], true],
    [2, ["a/", "b/", "c", "a/x/"], true],
    [3, ["a/", "b/", "c", "a/x/", "b/y"], true],
    [4, ["a/", "b/", "c", "a/x/", "b/y", "a/x/z"], false],
  ])("goes on with what is queued after %i directories", async (maxDirectories, entries, truncated) => {
    using folder = tempFolder();
    mkdirSync(folder.at("a/x"), { recursive: true });
    writeFileSync(folder.at("a/x/z"), "");
    mkdirSync(folder.at("b"));
    writeFileSync(folder.at("b/y"), "");
    writeFileSync(folder.at("c"), "");
    expect(await shownWalk(folder, { maxDirectories })).toEqual({ entries, errors: [], truncated });
  });

  test.each([
    [1, ["a/"], true],
    [2, ["a/", "b"], true],
    [4, ["a/", "b"], true],
    [5, ["a/", "b", "e"], true],
    [6, ["a/", "b", "e", "a/f"], false],
  ])("stops after %i examined entries, unlisted ones counted", async (maxEntries, entries, truncated) => {
    using folder = tempFolder();
    mkdirSync(folder.at("a"));
    writeFileSync(folder.at("a/f"), "");
    writeFileSync(folder.at("b"), "");
    symlinkSync("b", folder.at("c"));
    makeFifo(folder.at("d"));
    writeFileSync(folder.at("e"), "");
    expect(await shownWalk(folder, { maxEntries })).toEqual({ entries, errors: [], truncated });
  });

  test("ends before the answer outgrows its budget", async () => {
    using folder = tempFolder();
    for (const name of ["a", "b", "c"]) writeFileSync(folder.at(name), "");
    const itemBytes = folder.path.length + 2 + 64;
    expect(await shownWalk(folder, {}, "", 2 * itemBytes)).toMatchObject({ entries: ["a", "b"], truncated: true });
    expect(await shownWalk(folder, {}, "", 3 * itemBytes)).toMatchObject({
      entries: ["a", "b", "c"],
      truncated: false,
    });
    expect(await shownWalk(folder, {}, "", 3 * itemBytes - 1)).toMatchObject({ entries: ["a", "b"], truncated: true });
  });

  test("charges what the caller says a path costs, and has a budget of 4 MiB", async () => {
    using folder = tempFolder();
    for (const name of ["a", "b", "c"]) writeFileSync(folder.at(name), "");
    const root = Buffer.from(folder.path);
    const naming = {
      root: "",
      child: (_parent: string, name: string) => name,
      costOf: () => 2 * 1024 * 1024 - 64,
    };
    expect(await walk(root, WIDE, naming)).toEqual({
      entries: [
        { path: "a", kind: "file" },
        { path: "b", kind: "file" },
      ],
      errors: [],
      truncated: true,
    });
  });

  test.skipIf(isRoot)("reports a directory that may not be read and goes on", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("a"), { mode: 0 });
    writeFileSync(folder.at("b"), "");
    const result = await shownWalk(folder);
    chmodSync(folder.at("a"), 0o700);
    expect(result).toEqual({
      entries: ["a/", "b"],
      errors: [["a", "Permission denied (os error 13)"]],
      truncated: false,
    });
  });

  test("reports a directory that is gone when its turn comes, and goes on", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("a"));
    mkdirSync(folder.at("b/in"), { recursive: true });
    const { rmdirSync } = await import("node:fs");
    const root = Buffer.from(folder.path);
    const naming = {
      ...nativeNaming(root),
      child: (parent: Buffer, name: string) => {
        if (name === "b") rmdirSync(folder.at("a"));
        return nativeNaming(root).child(parent, name);
      },
    };
    const result = await walk(root, WIDE, naming);
    expect(result.entries.map(({ path }) => path.toString())).toEqual([
      folder.at("a"),
      folder.at("b"),
      folder.at("b/in"),
    ]);
    expect(result.errors).toEqual([{ path: folder.bytes("a"), message: "No such file or directory (os error 2)" }]);
  });

  test.each([
    [{ maxDirectories: 0 }, "filesystem walk limits must be greater than zero"],
    [{ maxEntries: 0 }, "filesystem walk limits must be greater than zero"],
    [{ maxDepth: 65, maxEntries: 0 }, "filesystem walk limits must be greater than zero"],
    [{ maxDepth: 65 }, "filesystem walk limits exceed maximums: depth=64, directories=10000, entries=50000"],
    [{ maxDirectories: 10_001 }, "filesystem walk limits exceed maximums: depth=64, directories=10000, entries=50000"],
    [{ maxEntries: 50_001 }, "filesystem walk limits exceed maximums: depth=64, directories=10000, entries=50000"],
  ])("refuses the limits %j", async (options, message) => {
    using folder = tempFolder();
    expect(await faultOf(shownWalk(folder, options))).toEqual({ kind: "invalid-input", message });
  });

  test("stops with the reason of an abort", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("a/b"), { recursive: true });
    const controller = new AbortController();
    const root = Buffer.from(folder.path);
    const naming = {
      ...nativeNaming(root),
      costOf: () => {
        controller.abort(new Error("enough"));
        return 1;
      },
    };
    await expect(walk(root, WIDE, naming, { signal: controller.signal })).rejects.toThrow("enough");
  });
});

describe("readPiecewise", () => {
  test("keeps the first entries by name, one more than may be examined", { timeout: 90_000 }, async () => {
    using folder = tempFolder();
    const names = Array.from({ length: 5_000 }, (_, i) => `n${String((i * 2_741) % 5_000).padStart(4, "0")}`);
    for (const name of names) writeFileSync(folder.at(name), "");
    const sorted = [...names].sort();
    const root = Buffer.from(folder.path);
    expect((await readPiecewise(root, 50_000)).map(({ name }) => name)).toEqual(sorted);
    expect((await readPiecewise(root, 99)).map(({ name }) => name)).toEqual(sorted.slice(0, 100));
  });
});
