import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { rename, setAttributes, writeNew } from "../../src/filesystem/index.ts";
import { systemCalls } from "../../src/filesystem/os-calls.ts";
import { renameNew } from "../../src/filesystem/rename-new.ts";
import { callsWith, descriptorsBelow, faultOf, isLinux, namesIn, tempFolder, watchedCalls } from "./helpers.ts";

const NOWHERE = { home: undefined, cwd: undefined };

describe.skipIf(!isLinux)("while a neighbour swaps folders for links", () => {
  test("a rename happens in the folders that were looked at, at both ends", async () => {
    using folder = tempFolder();
    for (const name of ["ws/from", "ws/to", "home"]) mkdirSync(folder.at(name), { recursive: true });
    writeFileSync(folder.at("ws/from/f"), "mine");
    writeFileSync(folder.at("home/f"), "private");
    writeFileSync(folder.at("home/g"), "private");
    let isSwapped = false;
    const calls = callsWith({
      rename: async (from, to) => {
        for (const name of isSwapped ? [] : ["from", "to"]) {
          renameSync(folder.at("ws", name), folder.at("ws", `${name}-was`));
          symlinkSync(folder.at("home"), folder.at("ws", name));
        }
        isSwapped = true;
        await systemCalls.rename(from, to);
      },
    });
    const watched = watchedCalls(calls);
    await rename(folder.bytes("ws/from/f"), folder.bytes("ws/to/g"), NOWHERE, {}, watched.calls);
    expect(readFileSync(folder.at("ws/to-was/g"), "utf8")).toBe("mine");
    expect(readFileSync(folder.at("home/f"), "utf8")).toBe("private");
    expect(readFileSync(folder.at("home/g"), "utf8")).toBe("private");
    expect(watched.strays).toEqual([]);
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  test("the home that is put in a place after the spelling was looked at is found by what it is", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("ws"));
    mkdirSync(folder.at("outer/home"), { recursive: true });
    mkdirSync(folder.at("ws/d/home"), { recursive: true });
    const places = { home: folder.bytes("outer/home"), cwd: undefined };
    const calls = callsWith({
      open: async (path, flags, mode) => {
        if (path.toString().endsWith("/ws/d")) {
          renameSync(folder.at("ws/d"), folder.at("ws/d-was"));
          symlinkSync(folder.at("outer"), folder.at("ws/d"));
        }
        return systemCalls.open(path, flags, mode);
      },
    });
    const moved = rename(folder.bytes("ws/d/home"), folder.bytes("ws/mine"), places, {}, calls);
    expect(await faultOf(moved)).toMatchObject({ kind: "invalid-input", message: expect.stringContaining("home") });
    expect(namesIn(folder.at("outer"))).toEqual(["home"]);
  });

  test("attributes are all set on one file, and none on what takes its name", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("f"), "12345", { mode: 0o600 });
    writeFileSync(folder.at("private"), "private", { mode: 0o600 });
    const calls = callsWith({
      chmod: async (path, mode) => {
        renameSync(folder.at("f"), folder.at("f-was"));
        symlinkSync("private", folder.at("f"));
        await systemCalls.chmod(path, mode);
      },
    });
    await setAttributes(folder.bytes("f"), { mode: 0o644, size: 0 }, { followSymlinks: true }, calls);
    expect(readFileSync(folder.at("private"), "utf8")).toBe("private");
    expect(readFileSync(folder.at("f-was"), "utf8")).toBe("");
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  test("a new file is made in the folder that was held", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("d"));
    mkdirSync(folder.at("home"));
    const calls = callsWith({
      write: async (...args) => {
        renameSync(folder.at("d"), folder.at("d-was"));
        symlinkSync("home", folder.at("d"));
        return systemCalls.write(...args);
      },
    });
    const how = { mode: 0o600, exclusive: true, followSymlinks: true };
    await writeNew(folder.bytes("d/f"), Buffer.from("x"), how, calls);
    expect([namesIn(folder.at("d-was")), namesIn(folder.at("home"))]).toEqual([["f"], []]);
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });
});

test("a new file on a file system where a file has one name only is made all the same, or not at all", async () => {
  using folder = tempFolder();
  const noLinks = async () => {
    throw Object.assign(new Error("EPERM"), { code: "EPERM" });
  };
  const unnamed = async (path: Buffer, flags: number, mode?: number) => {
    // Nor does it have files without a name, which another call gives one.
    if ((flags & 0o20000000) !== 0) throw Object.assign(new Error("EOPNOTSUPP"), { code: "EOPNOTSUPP" });
    return systemCalls.open(path, flags, mode);
  };
  const calls = callsWith({ link: noLinks, open: unnamed });
  const how = { mode: 0o640, exclusive: true, followSymlinks: true };
  await writeNew(folder.bytes("f"), Buffer.from("x"), how, calls);
  expect(readFileSync(folder.at("f"), "utf8")).toBe("x");
  const taken = writeNew(folder.bytes("f"), Buffer.from("y"), how, calls);
  expect(await faultOf(taken)).toEqual({ kind: "other", message: "File exists (os error 17)" });
  expect(readFileSync(folder.at("f"), "utf8")).toBe("x");
  expect(namesIn(folder.path)).toEqual(["f"]);
});

describe("a rename that must replace nothing, where the system has no call for it", () => {
  const elsewhere = () => false;
  const move = (folder: ReturnType<typeof tempFolder>, from: string, to: string, calls = systemCalls) =>
    renameNew(calls, folder.bytes(from), folder.bytes(to), elsewhere);

  test("moves files, links and folders, and refuses where something has the name", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("d/in"), { recursive: true });
    mkdirSync(folder.at("empty"));
    writeFileSync(folder.at("f"), "f");
    symlinkSync("nowhere", folder.at("l"));
    for (const to of ["d", "empty", "f", "l"]) {
      for (const from of ["d", "f", "l"]) {
        if (from !== to) await expect(move(folder, from, to)).rejects.toMatchObject({ code: "EEXIST" });
      }
    }
    for (const from of ["d", "f", "l"]) await move(folder, from, `new-${from}`);
    expect(namesIn(folder.path)).toEqual(["empty", "new-d", "new-f", "new-l"]);
    expect(namesIn(folder.at("new-d"))).toEqual(["in"]);
    await expect(move(folder, "gone", "x")).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("leaves what somebody has put into the place of a folder meanwhile", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("d"));
    const calls = callsWith({
      rename: async (from, to) => {
        writeFileSync(folder.at("place/mine"), "mine");
        await systemCalls.rename(from, to);
      },
    });
    await expect(move(folder, "d", "place", calls)).rejects.toMatchObject({ code: "ENOTEMPTY" });
    expect(namesIn(folder.at("place"))).toEqual(["mine"]);
    expect(namesIn(folder.path)).toEqual(["d", "place"]);
  });
});
