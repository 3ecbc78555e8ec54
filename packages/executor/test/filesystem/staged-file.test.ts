import { execFileSync } from "node:child_process";
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { describe, expect, test } from "vitest";
import { systemCalls } from "../../src/filesystem/os-calls.ts";
import { StagedFile } from "../../src/filesystem/staged-file.ts";
import { callsWith, descriptorsBelow, errno, faultOf, makeFifo, namesIn, tempFolder } from "./helpers.ts";

const onLinux = process.platform === "linux";

function at(path: Buffer, calls = systemCalls, noFollowNames = 0): Promise<StagedFile> {
  return StagedFile.at(calls, path, { noFollowNames });
}

function modeOf(path: string): string {
  return (statSync(path).mode & 0o7777).toString(8);
}

/** A file system without unnamed files. */
const named = callsWith({
  open: (path, flags, mode) =>
    (flags & 0o20000000) === 0 ? systemCalls.open(path, flags, mode) : Promise.reject(errno("EOPNOTSUPP")),
});
/** A name that no new file gets. */
function keptName(code: string) {
  return callsWith({
    rename: () => Promise.reject(errno(code)),
  });
}

describe.skipIf(!onLinux).each([
  ["without a name", systemCalls],
  ["where every file has a name", named],
])("a staged file %s", (_, calls) => {
  test("is under its name only once it is whole", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("file"), "old");
    const file = await at(folder.bytes("file"), calls);
    await file.write(3, Buffer.from("def"));
    await file.write(0, Buffer.from("abc"));
    expect(readFileSync(folder.at("file"), "utf8")).toBe("old");
    expect(await file.commit(undefined)).toEqual({ isModeSet: true, isInPlace: false });
    expect(readFileSync(folder.at("file"), "utf8")).toBe("abcdef");
    expect(namesIn(folder.path)).toEqual(["file"]);
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  test("leaves nothing when it is given up", async () => {
    using folder = tempFolder();
    const file = await at(folder.bytes("file"), calls);
    await file.write(0, Buffer.from("abc"));
    await file.discard();
    expect(namesIn(folder.path)).toEqual([]);
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  test("has the mode asked for, else that of what it replaces, else that of new files", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("old"), "", { mode: 0o640 });
    const modes: string[] = [];
    for (const [name, mode] of [
      ["old", undefined],
      ["new", undefined],
      ["asked", 0o751],
    ] as const) {
      await (await at(folder.bytes(name), calls)).commit(mode);
      modes.push(modeOf(folder.at(name)));
    }
    expect(modes).toEqual(["640", (0o666 & ~process.umask()).toString(8), "751"]);
  });

  test("goes where its place was, whatever links are put in the way meanwhile", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("in"));
    mkdirSync(folder.at("outside"));
    writeFileSync(folder.at("outside", "file"), "mine", { mode: 0o600 });
    const file = await at(folder.bytes("in", "file"), calls);
    await file.write(0, Buffer.from("new"));
    symlinkSync(folder.at("outside", "file"), folder.at("in", "file"));
    renameSync(folder.at("in"), folder.at("moved"));
    symlinkSync(folder.at("outside"), folder.at("in"));
    await file.commit(0o666);
    expect(readFileSync(folder.at("outside", "file"), "utf8")).toBe("mine");
    expect(modeOf(folder.at("outside", "file"))).toBe("600");
    expect(lstatSync(folder.at("moved", "file")).isFile()).toBe(true);
    expect(namesIn(folder.at("outside"))).toEqual(["file"]);
  });
});

describe.skipIf(!onLinux)("a staged file", () => {
  test("has no name at all on a file system that can do without", async () => {
    using folder = tempFolder();
    const file = await at(folder.bytes("file"));
    await file.write(0, Buffer.from("abc"));
    expect(namesIn(folder.path)).toEqual([]);
    await file.discard();
  });

  test("whose name was taken over by somebody else's link changes nothing behind it, and leaves it", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("private"), "mine", { mode: 0o600 });
    mkdirSync(folder.at("in"));
    const file = await at(folder.bytes("in", "file"), named);
    const [name = ""] = namesIn(folder.at("in"));
    rmSync(folder.at("in", name));
    symlinkSync(folder.at("private"), folder.at("in", name));
    await file.write(0, Buffer.from("new"));
    await file.discard();
    expect(readlinkSync(folder.at("in", name))).toBe(folder.at("private"));
    expect([readFileSync(folder.at("private"), "utf8"), modeOf(folder.at("private"))]).toEqual(["mine", "600"]);
  });

  test("goes through the links of its path, as they were", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("real"));
    writeFileSync(folder.at("real", "file"), "old");
    symlinkSync("real/file", folder.at("link"));
    const file = await at(folder.bytes("link"));
    await file.write(0, Buffer.from("new"));
    await file.commit(undefined);
    expect(readlinkSync(folder.at("link"))).toBe("real/file");
    expect(readFileSync(folder.at("real", "file"), "utf8")).toBe("new");
  });

  test.each(["private", "nowhere", "folder"])("is refused where a link is and none may be, to %s", async (target) => {
    using folder = tempFolder();
    mkdirSync(folder.at("folder"));
    writeFileSync(folder.at("private"), "mine");
    symlinkSync(target, folder.at("link"));
    expect(await faultOf(at(folder.bytes("link"), systemCalls, 1))).toEqual({
      kind: "invalid-input",
      message: `it is a link to ${target}, and none is followed here; name what it leads to`,
    });
    expect(namesIn(folder.path)).toEqual(["folder", "link", "private"]);
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  test("is refused at the end where a link was put meanwhile and none may be", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("private"), "mine", { mode: 0o600 });
    const file = await at(folder.bytes("file"), systemCalls, 1);
    await file.write(0, Buffer.from("new"));
    symlinkSync("private", folder.at("file"));
    expect((await faultOf(file.commit(0o666))).message).toContain("a link to private");
    expect([readFileSync(folder.at("private"), "utf8"), modeOf(folder.at("private"))]).toEqual(["mine", "600"]);
    expect([readlinkSync(folder.at("file")), namesIn(folder.path)]).toEqual(["private", ["file", "private"]]);
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  test("is refused where a link takes the name at the very moment that it is opened", async () => {
    using folder = tempFolder();
    for (const name of ["private", "file"]) writeFileSync(folder.at(name), "mine");
    const swapping = callsWith({
      open: (path, flags, mode) => {
        if (path.toString().endsWith("/file")) {
          rmSync(folder.at("file"));
          symlinkSync("private", folder.at("file"));
        }
        return systemCalls.open(path, flags, mode);
      },
    });
    expect((await faultOf(at(folder.bytes("file"), swapping, 1))).message).toContain("a link to private");
  });

  test("lies behind the links above the names that may be none", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("real", "in"), { recursive: true });
    symlinkSync("real", folder.at("led"));
    symlinkSync("in", folder.at("real", "to in"));
    for (const [names, path] of [
      [1, ["led", "in", "one"]],
      [2, ["led", "in", "two"]],
      [1, ["led", "to in", "through"]],
    ] as const) {
      await (await at(folder.bytes(...path), systemCalls, names)).commit(undefined);
    }
    expect(namesIn(folder.at("real", "in"))).toEqual(["one", "through", "two"]);
    for (const [names, path] of [
      [2, ["led", "to in", "file"]],
      [3, ["led", "in", "file"]],
      [1_000, ["led", "in", "file"]],
    ] as const) {
      const { message } = await faultOf(at(folder.bytes(...path), systemCalls, names));
      expect(message).toBe("Not a directory (os error 20)");
    }
    await (await at(folder.bytes("real", "in", "all"), systemCalls, 1_000)).commit(undefined);
    expect(namesIn(folder.at("real", "in"))).toEqual(["all", "one", "through", "two"]);
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  test("takes the place of a link that leads to nothing", async () => {
    using folder = tempFolder();
    symlinkSync("nowhere", folder.at("link"));
    await (await at(folder.bytes("link"))).commit(undefined);
    expect(lstatSync(folder.at("link")).isFile()).toBe(true);
  });

  test.each([
    ["a folder", (path: string) => mkdirSync(path), "other", /Is a directory/],
    ["a pipe", makeFifo, "invalid-input", /neither a file nor a folder/],
  ] as const)("is refused where %s is", async (_, make, kind, message) => {
    using folder = tempFolder();
    make(folder.at("there"));
    expect(await faultOf(at(folder.bytes("there")))).toMatchObject({ kind, message: expect.stringMatching(message) });
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  test("is refused without a folder to be in", async () => {
    using folder = tempFolder();
    expect(await faultOf(at(folder.bytes("no", "file")))).toMatchObject({ kind: "not-found" });
  });

  test.each(["EBUSY", "EXDEV", "EACCES"])("overwrites a file whose name no new file gets: %s", async (code) => {
    using folder = tempFolder();
    writeFileSync(folder.at("file"), "a longer old content", { mode: 0o640 });
    const before = statSync(folder.at("file")).ino;
    const file = await at(folder.bytes("file"), keptName(code));
    await file.write(0, Buffer.from("new"));
    expect(await file.commit(0o600)).toEqual({ isModeSet: true, isInPlace: true });
    expect(readFileSync(folder.at("file"), "utf8")).toBe("new");
    expect([statSync(folder.at("file")).ino, modeOf(folder.at("file"))]).toEqual([before, "600"]);
    expect(namesIn(folder.path)).toEqual(["file"]);
  });

  test("does not overwrite one that has other names, which may lie anywhere", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("file"), "old");
    linkSync(folder.at("file"), folder.at("other"));
    const file = await at(folder.bytes("file"), keptName("EBUSY"));
    await file.write(0, Buffer.from("new"));
    expect((await faultOf(file.commit(undefined))).message).toContain("other names");
    expect(readFileSync(folder.at("other"), "utf8")).toBe("old");
    expect(namesIn(folder.path)).toEqual(["file", "other"]);
  });

  test("waits elsewhere when its folder takes no new file, and then overwrites", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("file"), "old");
    const closed = callsWith({
      open: (path, flags, mode) =>
        (flags & (0o20000000 | 0o100)) !== 0 && readlinkSync(path.subarray(0, path.length)).startsWith(folder.path)
          ? Promise.reject(errno("EACCES"))
          : systemCalls.open(path, flags, mode),
    });
    const file = await at(folder.bytes("file"), closed);
    await file.write(0, Buffer.from("new"));
    expect(readFileSync(folder.at("file"), "utf8")).toBe("old");
    expect(await file.commit(undefined)).toEqual({ isModeSet: true, isInPlace: true });
    expect(readFileSync(folder.at("file"), "utf8")).toBe("new");
  });

  test.runIf(process.geteuid?.() === 0)("overwrites a mount point, and what it stands for", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("file"), "old");
    writeFileSync(folder.at("mounted"), "below");
    execFileSync("mount", ["--bind", folder.at("file"), folder.at("mounted")]);
    try {
      const file = await at(folder.bytes("mounted"));
      await file.write(0, Buffer.from("new"));
      expect(await file.commit(undefined)).toMatchObject({ isInPlace: true });
    } finally {
      execFileSync("umount", [folder.at("mounted")]);
    }
    expect([readFileSync(folder.at("file"), "utf8"), readFileSync(folder.at("mounted"), "utf8")]).toEqual([
      "new",
      "below",
    ]);
  });

  test("keeps the old content when the disk fails at the last step", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("file"), "old");
    const file = await at(folder.bytes("file"), keptName("ENOSPC"));
    await file.write(0, Buffer.from("new"));
    expect((await faultOf(file.commit(undefined))).message).toContain("No space left");
    expect(readFileSync(folder.at("file"), "utf8")).toBe("old");
    expect(namesIn(folder.path)).toEqual(["file"]);
  });

  test("takes over content and mode of another file", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("source"), "content");
    chmodSync(folder.at("source"), 0o710);
    const file = await at(folder.bytes("copy"));
    await file.copyFrom(folder.bytes("source"));
    await file.commit(undefined);
    expect([readFileSync(folder.at("copy"), "utf8"), modeOf(folder.at("copy"))]).toEqual(["content", "710"]);
  });
});

/** A file system without unnamed files and without permission bits, as FAT is. */
const withoutModes = callsWith({
  ...named,
  fchmod: () => Promise.reject(errno("EPERM")),
  chmod: () => Promise.reject(errno("EPERM")),
});

describe.skipIf(!onLinux)("a staged file whose file system", () => {
  test("has no permission bits is put in place all the same, and says so when some were asked for", async () => {
    using folder = tempFolder();
    for (const [mode, isModeSet] of [
      [undefined, true],
      [0o600, false],
    ] as const) {
      const file = await at(folder.bytes("file"), withoutModes);
      await file.write(0, Buffer.from("new"));
      expect(await file.commit(mode)).toEqual({ isModeSet, isInPlace: false });
    }
    expect(namesIn(folder.path)).toEqual(["file"]);
  });

  test.each([
    ["unnamed", { fstat: () => Promise.reject(errno("EIO")) }],
    ["named", { ...named, fstat: () => Promise.reject(errno("EIO")) }],
    ["private", { ...named, fchmod: () => Promise.reject(errno("EIO")) }],
  ])("fails while it is made %s leaves nothing and no descriptor", async (_, failing) => {
    using folder = tempFolder();
    expect((await faultOf(at(folder.bytes("file"), callsWith(failing)))).message).toContain("I/O error");
    expect(namesIn(folder.path)).toEqual([]);
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });
});

describe.skipIf(!onLinux)("a file that is overwritten in place", () => {
  test("is read by its descriptor, and not by a name that may lead elsewhere by then", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("file"), "the old content");
    const opened: string[] = [];
    const calls = callsWith({
      rename: () => Promise.reject(errno("EBUSY")),
      open: (path, flags, mode) => {
        if ((flags & 0o3) === 0 && path.toString().endsWith("/file")) opened.push(path.toString());
        return systemCalls.open(path, flags, mode);
      },
    });
    const file = await at(folder.bytes("file"), calls);
    await file.write(0, Buffer.from("new"));
    expect(await file.commit(undefined)).toMatchObject({ isInPlace: true });
    expect(readFileSync(folder.at("file"), "utf8")).toBe("new");
    expect(opened).toEqual([]);
  });
});
