import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { describe, expect, test } from "vitest";
import { systemCalls } from "../../src/filesystem/os-calls.ts";
import { StagedFolder } from "../../src/filesystem/staged-folder.ts";
import { callsWith, descriptorsBelow, errno, faultOf, namesIn, type TempFolder, tempFolder } from "./helpers.ts";

const onLinux = process.platform === "linux";

function at(path: Buffer, calls = systemCalls, noFollowNames = 0): Promise<StagedFolder> {
  return StagedFolder.at(calls, path, { noFollowNames });
}

function modeOf(path: string): string {
  return (statSync(path).mode & 0o7777).toString(8);
}

const NOTHING_MORE = { mode: undefined, folderModes: [] };

function folderAt(folder: TempFolder, ...names: string[]) {
  return { path: folder.bytes(...names), target: undefined };
}

function linkAt(folder: TempFolder, target: string, ...names: string[]) {
  return {
    path: folder.bytes(...names),
    target: Buffer.from(target),
  };
}

describe.skipIf(!onLinux)("a staged folder", () => {
  test("is under its name only once it is whole, with links and modes", async () => {
    using folder = tempFolder();
    const tree = await at(folder.bytes("tree"));
    const entries = [folderAt(folder, "tree", "a"), folderAt(folder, "tree", "a", "b")];
    expect(await tree.add([...entries, linkAt(folder, "../x", "tree", "a", "link")])).toEqual([]);
    await tree.put(folder.bytes("tree", "a", "b", "file"), 0o640, Buffer.from("content"));
    expect(existsSync(folder.at("tree"))).toBe(false);
    const folderModes = [
      { path: folder.bytes("tree", "a", "b"), mode: 0o555 },
      { path: folder.bytes("tree", "a"), mode: 0o711 },
    ];
    expect(await tree.commit({ mode: 0o750, folderModes })).toEqual({ isModeSet: true, problems: [] });
    expect(readFileSync(folder.at("tree", "a", "b", "file"), "utf8")).toBe("content");
    expect(readlinkSync(folder.at("tree", "a", "link"))).toBe("../x");
    const modes = [["tree"], ["tree", "a"], ["tree", "a", "b"], ["tree", "a", "b", "file"]].map((names) =>
      modeOf(folder.at(...names)),
    );
    expect(modes).toEqual(["750", "711", "555", "640"]);
    expect(namesIn(folder.path)).toEqual(["tree"]);
    expect(descriptorsBelow(folder.path)).toEqual([]);
    chmodSync(folder.at("tree", "a", "b"), 0o755);
  });

  test("may be asked for everything twice", async () => {
    using folder = tempFolder();
    const tree = await at(folder.bytes("tree"));
    const entries = [folderAt(folder, "tree", "a"), linkAt(folder, "x", "tree", "link")];
    expect([await tree.add(entries), await tree.add(entries)]).toEqual([[], []]);
    await tree.put(folder.bytes("tree", "file"), undefined, Buffer.from("a longer one"));
    await tree.put(folder.bytes("tree", "file"), undefined, Buffer.from("again"));
    await tree.commit(NOTHING_MORE);
    expect(readFileSync(folder.at("tree", "file"), "utf8")).toBe("again");
  });

  test("leaves nothing when it is given up", async () => {
    using folder = tempFolder();
    const tree = await at(folder.bytes("tree"));
    await tree.add([folderAt(folder, "tree", "a")]);
    await tree.put(folder.bytes("tree", "a", "file"), undefined, Buffer.from("x"));
    await tree.discard();
    expect(namesIn(folder.path)).toEqual([]);
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  test("is merged into the folder that is there, through none of its links", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("outside"));
    mkdirSync(folder.at("tree", "both"), { recursive: true });
    writeFileSync(folder.at("tree", "both", "kept"), "kept");
    writeFileSync(folder.at("tree", "both", "file"), "old");
    mkdirSync(folder.at("tree", "folder"));
    symlinkSync(folder.at("outside"), folder.at("tree", "led"));
    symlinkSync(folder.at("outside", "new"), folder.at("tree", "file"));
    const tree = await at(folder.bytes("tree"));
    const names = [["both"], ["led"], ["added"]];
    await tree.add(names.map((each) => folderAt(folder, "tree", ...each)));
    for (const name of ["both/file", "led/evil", "added/file", "file", "folder"]) {
      await tree.put(folder.bytes("tree", ...name.split("/")), undefined, Buffer.from("new"));
    }
    const { problems } = await tree.commit(NOTHING_MORE);
    expect(problems.map(({ path, message }) => [path.toString(), message]).toSorted()).toEqual([
      [folder.at("tree", "folder"), "Is a directory (os error 21)"],
      [folder.at("tree", "led"), "Not a directory (os error 20)"],
    ]);
    const found = ["both/file", "both/kept", "added/file", "file"].map((name) =>
      readFileSync(folder.at("tree", name), "utf8"),
    );
    expect(found).toEqual(["new", "kept", "new", "new"]);
    expect(lstatSync(folder.at("tree", "file")).isFile()).toBe(true);
    expect(namesIn(folder.at("outside"))).toEqual([]);
    expect(namesIn(folder.at("tree"))).toEqual(["added", "both", "file", "folder", "led"]);
  });

  test.each(["EXDEV", "EBUSY", "EACCES"])("is merged where a rename is refused: %s", async (code) => {
    using folder = tempFolder();
    mkdirSync(folder.at("tree", "both"), { recursive: true });
    writeFileSync(folder.at("tree", "both", "file"), "old");
    const calls = callsWith({ rename: () => Promise.reject(errno(code)) });
    const tree = await at(folder.bytes("tree"), calls);
    await tree.add([
      folderAt(folder, "tree", "both"),
      folderAt(folder, "tree", "added"),
      linkAt(folder, "x", "tree", "added", "link"),
    ]);
    await tree.put(folder.bytes("tree", "both", "file"), 0o640, Buffer.from("new"));
    await tree.put(folder.bytes("tree", "added", "file"), 0o640, Buffer.from("more"));
    expect(await tree.commit(NOTHING_MORE)).toEqual({ isModeSet: true, problems: [] });
    expect(readFileSync(folder.at("tree", "both", "file"), "utf8")).toBe("new");
    expect([
      readFileSync(folder.at("tree", "added", "file"), "utf8"),
      modeOf(folder.at("tree", "added", "file")),
    ]).toEqual(["more", "640"]);
    expect(readlinkSync(folder.at("tree", "added", "link"))).toBe("x");
    expect(namesIn(folder.at("tree"))).toEqual(["added", "both"]);
  });

  test("has its links take the place of files and links on another file system too", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("tree"));
    writeFileSync(folder.at("tree", "file"), "old");
    symlinkSync("old", folder.at("tree", "link"));
    mkdirSync(folder.at("tree", "folder"));
    const parentOf = (path: Buffer): string => path.toString().slice(0, path.lastIndexOf("/"));
    const calls = callsWith({
      rename: (from, to) =>
        parentOf(from) === parentOf(to) ? systemCalls.rename(from, to) : Promise.reject(errno("EXDEV")),
    });
    const tree = await at(folder.bytes("tree"), calls);
    await tree.add(["file", "link", "folder"].map((name) => linkAt(folder, "new", "tree", name)));
    const { problems } = await tree.commit(NOTHING_MORE);
    expect(problems.map(({ path }) => path)).toEqual([folder.bytes("tree", "folder")]);
    expect([readlinkSync(folder.at("tree", "file")), readlinkSync(folder.at("tree", "link"))]).toEqual(["new", "new"]);
    expect(namesIn(folder.at("tree"))).toEqual(["file", "folder", "link"]);
  });

  test("puts nothing behind a link that takes the place of a folder in it", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("outside"));
    const tree = await at(folder.bytes("tree"));
    await tree.add([folderAt(folder, "tree", "a")]);
    const [staged = ""] = readdirSync(folder.path).filter((name) => name.startsWith(".holdfast-"));
    renameSync(folder.at(staged, "a"), folder.at("taken"));
    symlinkSync(folder.at("outside"), folder.at(staged, "a"));
    expect(await faultOf(tree.put(folder.bytes("tree", "a", "file"), 0o666, Buffer.from("x")))).toMatchObject({
      message: "Not a directory (os error 20)",
    });
    const problems = await tree.add([folderAt(folder, "tree", "a", "b"), linkAt(folder, "x", "tree", "a", "link")]);
    expect(problems).toHaveLength(2);
    chmodSync(folder.at("outside"), 0o700);
    const { isModeSet } = await tree.commit({
      mode: undefined,
      folderModes: [{ path: folder.bytes("tree", "a"), mode: 0o777 }],
    });
    expect(isModeSet).toBe(false);
    expect([namesIn(folder.at("outside")), modeOf(folder.at("outside"))]).toEqual([[], "700"]);
  });

  test("says that it was swapped, and removes nothing that is not its own", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("outside"));
    writeFileSync(folder.at("outside", "file"), "mine");
    const tree = await at(folder.bytes("tree"));
    await tree.put(folder.bytes("tree", "file"), undefined, Buffer.from("x"));
    const [staged = ""] = readdirSync(folder.path).filter((name) => name.startsWith(".holdfast-"));
    renameSync(folder.at(staged), folder.at("taken"));
    renameSync(folder.at("outside"), folder.at(staged));
    expect((await faultOf(tree.commit(NOTHING_MORE))).message).toContain("taken away or replaced");
    expect(readFileSync(folder.at("tree", "file"), "utf8")).toBe("mine");
    const other = await at(folder.bytes("other"));
    const [own = ""] = readdirSync(folder.path).filter((name) => name.startsWith(".holdfast-"));
    renameSync(folder.at(own), folder.at("taken too"));
    mkdirSync(folder.at(own));
    writeFileSync(folder.at(own, "file"), "mine too");
    await other.discard();
    expect(readFileSync(folder.at(own, "file"), "utf8")).toBe("mine too");
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  test.each(["..", "a/../..", "../tree2/x"])("takes no path that leads out of it: %s", async (name) => {
    using folder = tempFolder();
    const tree = await at(folder.bytes("tree"));
    const path = folder.bytes("tree", ...name.split("/"));
    expect((await faultOf(tree.put(path, undefined, Buffer.from("x")))).message).toContain("does not lie in");
    expect(await tree.add([{ path, target: undefined }])).toHaveLength(1);
    await tree.discard();
    expect(namesIn(folder.path)).toEqual([]);
  });

  test("is refused where a file is, or a link that leads to none", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("file"), "");
    symlinkSync("nowhere", folder.at("link"));
    expect((await faultOf(at(folder.bytes("file")))).message).toBe("Not a directory (os error 20)");
    expect((await faultOf(at(folder.bytes("link")))).message).toContain("a link to nowhere");
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  test("is refused where a link is and none may be, and where one takes its name meanwhile", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("outside"));
    mkdirSync(folder.at("ws"));
    symlinkSync("../outside", folder.at("ws", "link"));
    const refused = await faultOf(at(folder.bytes("ws", "link"), systemCalls, 1));
    expect(refused.message).toContain("a link to ../outside");
    expect((await faultOf(at(folder.bytes("ws", "link", "tree"), systemCalls, 2))).message).toContain(
      "Not a directory",
    );
    const tree = await at(folder.bytes("ws", "tree"), systemCalls, 2);
    await tree.put(folder.bytes("ws", "tree", "file"), undefined, Buffer.from("x"));
    symlinkSync("../outside", folder.at("ws", "tree"));
    await faultOf(tree.commit(NOTHING_MORE));
    expect([namesIn(folder.at("outside")), namesIn(folder.at("ws"))]).toEqual([[], ["link", "tree"]]);
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  test("goes through a link that is there at the start where it may", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("real"));
    symlinkSync("real", folder.at("link"));
    const tree = await at(folder.bytes("link"));
    await tree.put(folder.bytes("link", "file"), undefined, Buffer.from("x"));
    await tree.commit(NOTHING_MORE);
    expect(namesIn(folder.at("real"))).toEqual(["file"]);
  });

  test("takes over another folder, closed ones as well, and not itself", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("from", "a", "closed"), { recursive: true });
    writeFileSync(folder.at("from", "a", "closed", "file"), "content", { mode: 0o640 });
    symlinkSync("a", folder.at("from", "link"));
    chmodSync(folder.at("from", "a", "closed"), 0o555);
    chmodSync(folder.at("from"), 0o751);
    const tree = await at(folder.bytes("from", "copy"));
    await tree.copyFrom(folder.bytes("from"));
    expect(await tree.commit(NOTHING_MORE)).toEqual({ isModeSet: true, problems: [] });
    expect(readFileSync(folder.at("from", "copy", "a", "closed", "file"), "utf8")).toBe("content");
    expect(readlinkSync(folder.at("from", "copy", "link"))).toBe("a");
    expect(
      [["copy"], ["copy", "a", "closed"], ["copy", "a", "closed", "file"]].map((names) =>
        modeOf(folder.at("from", ...names)),
      ),
    ).toEqual(["751", "555", "640"]);
    expect(namesIn(folder.at("from"))).toEqual(["a", "copy", "link"]);
    for (const names of [["a"], ["copy", "a"]]) chmodSync(folder.at("from", ...names, "closed"), 0o755);
  });

  test("leaves nothing where it can be made but not held", async () => {
    using folder = tempFolder();
    const full = callsWith({
      open: (path, ...rest) =>
        path.includes(".holdfast-") ? Promise.reject(errno("EMFILE")) : systemCalls.open(path, ...rest),
    });
    expect((await faultOf(at(folder.bytes("tree"), full))).message).toContain("No file descriptors");
    expect(namesIn(folder.path)).toEqual([]);
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  test("is no other one that took its name before it was held", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("other"), { mode: 0o751 });
    writeFileSync(folder.at("other", "private"), "private");
    const swapping = callsWith({
      mkdir: async (path, mode) => {
        await systemCalls.mkdir(path, mode);
        renameSync(path, folder.at("taken"));
        renameSync(folder.at("other"), path);
      },
    });
    expect((await faultOf(at(folder.bytes("tree"), swapping))).message).toContain("taken away or replaced");
    const [name = ""] = namesIn(folder.path).filter((each) => each.startsWith(".holdfast-"));
    expect(modeOf(folder.at(name))).toBe("751");
    expect(readFileSync(folder.at(name, "private"), "utf8")).toBe("private");
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  test("is put in place without permission bits where there are none, and says so", async () => {
    using folder = tempFolder();
    const refuse = () => Promise.reject(errno("EPERM"));
    const withoutModes = callsWith({ chmod: refuse, fchmod: refuse });
    mkdirSync(folder.at("source", "sub"), { recursive: true });
    writeFileSync(folder.at("source", "sub", "file"), "content");
    const put = await at(folder.bytes("put"), withoutModes);
    await put.put(folder.bytes("put", "file"), 0o640, Buffer.from("content"));
    const copy = await at(folder.bytes("copy"), withoutModes);
    expect(await copy.copyFrom(folder.bytes("source"))).toEqual([]);
    const none = await at(folder.bytes("none"), withoutModes);
    await none.put(folder.bytes("none", "file"), undefined, Buffer.from("content"));
    const outcomes = [put, copy, none].map((tree) => tree.commit(NOTHING_MORE));
    expect((await Promise.all(outcomes)).map(({ isModeSet }) => isModeSet)).toEqual([false, false, true]);
    for (const path of [
      ["put", "file"],
      ["copy", "sub", "file"],
      ["none", "file"],
    ]) {
      expect(readFileSync(folder.at(...path), "utf8")).toBe("content");
    }
  });

  test("takes over what can be read of another folder, tells the rest, and keeps no part of it", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("source", "closed"), { recursive: true });
    for (const name of ["a", "broken", "z", "secret"]) writeFileSync(folder.at("source", name), name);
    const calls = callsWith({
      open: (path, ...rest) =>
        path.toString().endsWith("/secret") ? Promise.reject(errno("EACCES")) : systemCalls.open(path, ...rest),
      readdir: (path) => {
        const isClosed = realpathSync(path.toString()).endsWith("/closed");
        return isClosed ? Promise.reject(errno("EACCES")) : systemCalls.readdir(path);
      },
      write: (fd, from, ...rest) =>
        from.toString().startsWith("broken") ? Promise.reject(errno("EPERM")) : systemCalls.write(fd, from, ...rest),
    });
    const tree = await at(folder.bytes("tree"), calls);
    const problems = await tree.copyFrom(folder.bytes("source"));
    expect(problems.map(({ path, message }) => [path.toString().slice(folder.path.length), message]).sort()).toEqual([
      ["/tree/broken", "Operation not permitted (os error 1)"],
      ["/tree/closed", "Permission denied (os error 13)"],
      ["/tree/secret", "Permission denied (os error 13)"],
    ]);
    await tree.commit(NOTHING_MORE);
    expect(namesIn(folder.at("tree"))).toEqual(["a", "closed", "z"]);
  });

  test("takes over nothing more once the disk is full", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("source"));
    for (const name of ["a", "b"]) writeFileSync(folder.at("source", name), name);
    const tree = await at(folder.bytes("tree"), callsWith({ write: () => Promise.reject(errno("ENOSPC")) }));
    expect((await faultOf(tree.copyFrom(folder.bytes("source")))).message).toContain("No space left");
    await tree.discard();
    expect(namesIn(folder.path)).toEqual(["source"]);
  });

  test("tells a bounded number of problems, and how many there are besides", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("tree"));
    const tree = await at(folder.bytes("tree"));
    for (let n = 0; n < 1_005; n += 1) {
      await tree.put(folder.bytes("tree", `${n}`), undefined, Buffer.from("x"));
      mkdirSync(folder.at("tree", `${n}`));
    }
    const { problems } = await tree.commit(NOTHING_MORE);
    expect(problems).toHaveLength(1_001);
    expect(problems.at(-1)).toEqual({ path: folder.bytes("tree"), message: "5 more did not go as asked" });
  });
});
