import { existsSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { guardedPaths, type ProtectedPaths, refusalToRemove, remove } from "../../src/filesystem/index.ts";
import { systemCalls } from "../../src/filesystem/os-calls.ts";
import {
  callsWith,
  descriptorsBelow,
  faultOf,
  isLinux,
  makeFifo,
  namesIn,
  type TempFolder,
  tempFolder,
} from "./helpers.ts";

const NOTHING: ProtectedPaths = { home: undefined, cwd: undefined };

function populate(folder: TempFolder): void {
  mkdirSync(folder.at("d/in"), { recursive: true });
  writeFileSync(folder.at("d/in/f"), "");
  symlinkSync("in", folder.at("d/link-within"));
  mkdirSync(folder.at("kept"));
  writeFileSync(folder.at("kept/f"), "");
  symlinkSync("../kept", folder.at("d/link-out"));
  makeFifo(folder.at("d/fifo"));
  writeFileSync(folder.at("f"), "");
  symlinkSync("kept", folder.at("kl"));
}

describe("remove", () => {
  test("removes a directory with everything in it, and nothing that links in it lead to", async () => {
    using folder = tempFolder();
    populate(folder);
    await remove(folder.bytes("d"), {}, NOTHING);
    expect(namesIn(folder.path)).toEqual(["f", "kept", "kl"]);
    expect(namesIn(folder.at("kept"))).toEqual(["f"]);
    expect(isLinux ? descriptorsBelow(folder.path) : []).toEqual([]);
  });

  test.each(["kl", "kl/"])("unlinks %s, not the directory it leads to", async (name) => {
    using folder = tempFolder();
    populate(folder);
    await remove(folder.bytes(name), {}, NOTHING);
    expect(namesIn(folder.path)).toEqual(["d", "f", "kept"]);
    expect(namesIn(folder.at("kept"))).toEqual(["f"]);
  });

  test("removes hundreds of files, deep trees and odd names", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("many", ...Array.from({ length: 60 }, () => "deep")), { recursive: true });
    for (let i = 0; i < 300; i += 1) writeFileSync(folder.at(`many/${i}`), "");
    if (isLinux) writeFileSync(folder.bytes("many", Buffer.from([0xff, 0x0a])), "");
    await remove(folder.bytes("many"), {}, NOTHING);
    expect(namesIn(folder.path)).toEqual([]);
  });

  test("removes an empty directory and a file without recursive", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("empty"));
    writeFileSync(folder.at("f"), "");
    await remove(folder.bytes("empty"), { recursive: false }, NOTHING);
    await remove(folder.bytes("f"), { recursive: false }, NOTHING);
    expect(namesIn(folder.path)).toEqual([]);
  });

  test("refuses a directory that is not empty without recursive", async () => {
    using folder = tempFolder();
    populate(folder);
    const fault = await faultOf(remove(folder.bytes("d"), { recursive: false }, NOTHING));
    expect(fault.kind).toBe("other");
    expect(fault.message).toMatch(/^Directory not empty \(os error \d+\)$/);
    expect(existsSync(folder.at("d/in/f"))).toBe(true);
  });

  test("forgives a missing path by default, nothing else", async () => {
    using folder = tempFolder();
    populate(folder);
    await remove(folder.bytes("zz"), {}, NOTHING);
    await remove(folder.bytes("zz/yy"), {}, NOTHING);
    await remove(folder.bytes("zz/.."), {}, NOTHING);
    expect(await faultOf(remove(folder.bytes("zz"), { force: false }, NOTHING))).toEqual({
      kind: "not-found",
      message: "No such file or directory (os error 2)",
    });
    expect(await faultOf(remove(folder.bytes("f/x"), {}, NOTHING))).toEqual({
      kind: "other",
      message: "Not a directory (os error 20)",
    });
  });

  test("stops between files when told to", async () => {
    using folder = tempFolder();
    populate(folder);
    const controller = new AbortController();
    const calls = callsWith({
      readdir: (path) => {
        controller.abort(new Error("enough"));
        return systemCalls.readdir(path);
      },
    });
    await expect(remove(folder.bytes("d"), { signal: controller.signal }, NOTHING, calls)).rejects.toThrow("enough");
    expect(existsSync(folder.at("d/in/f"))).toBe(true);
  });

  test.skipIf(!isLinux)("does not follow a link that takes a directory's place meanwhile", async () => {
    using folder = tempFolder();
    populate(folder);
    const calls = callsWith({
      readdir: async (path) => {
        const entries = await systemCalls.readdir(path);
        if (existsSync(folder.at("d"))) {
          renameSync(folder.at("d"), folder.at("moved"));
          symlinkSync("kept", folder.at("d"));
        }
        return entries;
      },
    });
    await faultOf(remove(folder.bytes("d"), {}, NOTHING, calls));
    expect(namesIn(folder.at("kept"))).toEqual(["f"]);
  });
});

describe.skipIf(!isLinux)("remove without following links", () => {
  const options = { followSymlinks: false, recursive: false };

  test("removes a file and an empty directory", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("a/empty"), { recursive: true });
    writeFileSync(folder.at("a/f"), "");
    await remove(folder.bytes("a/f"), options, NOTHING);
    await remove(folder.bytes("a/empty"), options, NOTHING);
    await remove(folder.bytes("a/zz"), options, NOTHING);
    expect(namesIn(folder.at("a"))).toEqual([]);
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  test.each([
    ["a link", "kl", {}, "invalid-input", "path contains a symbolic link"],
    ["a link in the middle", "kl/f", {}, "other", "Not a directory (os error 20)"],
    ["recursive removal", "f", { recursive: true }, "other", "recursive no-follow removal is unsupported"],
  ])("refuses %s", async (_what, name, extra, kind, message) => {
    using folder = tempFolder();
    populate(folder);
    expect(await faultOf(remove(folder.bytes(name), { ...options, ...extra }, NOTHING))).toEqual({ kind, message });
    expect(namesIn(folder.path)).toEqual(["d", "f", "kept", "kl"]);
    expect(existsSync(folder.at("kept/f"))).toBe(true);
  });
});

describe("refusalToRemove", () => {
  const guarded = guardedPaths({ home: Buffer.from("/home/ann"), cwd: Buffer.from("/srv/repo/here") });

  test.each([
    ["/", "file system root"],
    ["//", "file system root"],
    ["/..", "file system root"],
    ["/home/../", "file system root"],
    ["/home/ann", "home directory"],
    ["/home//ann/", "home directory"],
    ["/home/ann/x/..", "home directory"],
    ["/home/./ann/.", "home directory"],
    ["/home", "home directory"],
    ["/srv/repo", "working directory"],
    ["/srv", "working directory"],
  ])("refuses %s and names the rule", (path, rule) => {
    expect(refusalToRemove(Buffer.from(path), guarded)).toContain(rule);
  });

  test.each(["/home/anna", "/home/ann/x", "/home/bob", "/srv/repo/here", "/srv/repo/other", "/tmp"])(
    "allows %s",
    (path) => {
      expect(refusalToRemove(Buffer.from(path), guarded)).toBeUndefined();
    },
  );

  test("refuses a root even when no place is protected", () => {
    expect(refusalToRemove(Buffer.from("/"), guardedPaths(NOTHING))).toContain("file system root");
  });
});

describe("remove of a protected place", () => {
  /** A home inside the temporary folder: nothing outside is ever named. */
  function withHome(folder: TempFolder): ProtectedPaths {
    mkdirSync(folder.at("users/ann/documents"), { recursive: true });
    writeFileSync(folder.at("users/ann/documents/letter"), "dear");
    mkdirSync(folder.at("work/project/src"), { recursive: true });
    symlinkSync("users", folder.at("people"));
    symlinkSync("users/ann", folder.at("me"));
    mkdirSync(folder.at("elsewhere"));
    return { home: folder.bytes("users/ann"), cwd: folder.bytes("work/project") };
  }
  const intact = (folder: TempFolder) =>
    existsSync(folder.at("users/ann/documents/letter")) && existsSync(folder.at("work/project/src"));

  test.each([
    ["the home", "users/ann"],
    ["the home with dots and slashes", "users//./ann/documents/../"],
    ["the home through a linked parent", "people/ann"],
    ["the home through a link and dots", "me/documents/.."],
    ["the home through a link and a dot", "me/."],
    ["what holds the home", "users"],
    ["what holds the home, through a link", "people/."],
    ["what holds the home, by dots behind a link", "me/.."],
    ["what holds the working directory", "work"],
  ])("refuses %s", async (_what, name) => {
    using folder = tempFolder();
    const places = withHome(folder);
    for (const options of [
      {},
      { recursive: true, force: true },
      { recursive: false },
      { recursive: false, followSymlinks: false },
    ]) {
      const fault = await faultOf(remove(Buffer.from(`${folder.path}/${name}`), options, places));
      if (options.followSymlinks === undefined) {
        expect(fault).toMatchObject({ kind: "invalid-input", message: expect.stringContaining("must not be removed") });
      }
      expect(intact(folder)).toBe(true);
    }
  });

  test("refuses the home when the home itself is named through links", async () => {
    using folder = tempFolder();
    withHome(folder);
    symlinkSync(".", folder.at("here"));
    const places = { home: folder.bytes("people/ann"), cwd: undefined };
    for (const name of ["users/ann", "users", "people/ann", "people", "here/people", "here/people/ann"]) {
      expect((await faultOf(remove(folder.bytes(name), {}, places))).kind).toBe("invalid-input");
      expect(intact(folder) && existsSync(folder.at("people"))).toBe(true);
    }
  });

  test("knows the home under a name that the spelling does not show", async () => {
    using folder = tempFolder();
    const places = withHome(folder);
    // The same directory by identity, as behind a bind mount or where letter case does not count.
    const home = await systemCalls.stat(folder.bytes("users/ann"));
    const calls = callsWith({
      stat: (path) =>
        path.equals(folder.bytes("users/ann")) ? systemCalls.stat(folder.bytes("elsewhere")) : systemCalls.stat(path),
    });
    expect(home.isDirectory()).toBe(true);
    expect((await faultOf(remove(folder.bytes("elsewhere"), {}, places, calls))).message).toContain("home directory");
    expect(existsSync(folder.at("elsewhere"))).toBe(true);
  });

  test("removes what lies in the home, beside it, and links to it", async () => {
    using folder = tempFolder();
    const places = withHome(folder);
    await remove(folder.bytes("users/ann/documents"), {}, places);
    await remove(folder.bytes("me"), {}, places);
    await remove(folder.bytes("elsewhere"), {}, places);
    expect(existsSync(folder.at("users/ann/documents"))).toBe(false);
    expect(namesIn(folder.path)).toEqual(["people", "users", "work"]);
  });
});
