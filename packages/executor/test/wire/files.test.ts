import {
  appendFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { lstat, mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from "node:fs/promises";
import { type TempDir, tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { canConfine, workspace, workspaceWrite } from "../confinement/sandbox.ts";
import { base64, Line } from "./line.ts";

function uri(folder: TempDir, ...names: string[]): string {
  return `file://${folder.join(...names)}`;
}

function refusal(code: number, message: unknown) {
  return expect.objectContaining({ name: "RemoteError", code, message });
}

async function scene(options: Parameters<typeof Line.ready>[0] = {}) {
  const folder = await tempDir();
  const line = await Line.ready(options);
  return {
    folder,
    line,
    call: (method: string, params: object) => line.call(`holdfast/${method}`, params),
    [Symbol.asyncDispose]: async () => {
      await line[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

describe("what the extension does to files", () => {
  test("is a capability", async () => {
    await using line = await Line.ready();
    expect((await line.call("environment/info")).capabilities).toMatchObject({ holdfastFiles: true });
  });

  test("tells all that the system knows, of a link itself or of what it leads to", async () => {
    await using there = await scene();
    const { folder, call } = there;
    await writeFile(folder.join("file"), "12345", { mode: 0o640 });
    await symlink("file", folder.join("link"));
    await symlink("nowhere", folder.join("dangling"));
    const found = await stat(folder.join("file"), { bigint: true });
    const told = await call("statEntry", { path: uri(folder, "file") });
    expect(told).toEqual({
      kind: "file",
      isSymlink: false,
      size: 5,
      mode: 0o640,
      uid: Number(found.uid),
      gid: Number(found.gid),
      linkCount: 1,
      inode: String(found.ino),
      device: String(found.dev),
      accessedAtMs: Number(found.atimeMs),
      modifiedAtMs: Number(found.mtimeMs),
      changedAtMs: Number(found.ctimeMs),
      createdAtMs: Number(found.birthtimeMs),
    });
    const link = { kind: "symlink", isSymlink: true, size: 4, targetBase64: base64("file"), targetKind: "file" };
    expect(await call("statEntry", { path: uri(folder, "link") })).toMatchObject(link);
    const followed = { ...told, isSymlink: true };
    expect(await call("statEntry", { path: uri(folder, "link"), followSymlinks: true })).toEqual(followed);
    const dangling = { targetBase64: base64("nowhere"), targetKind: null };
    expect(await call("statEntry", { path: uri(folder, "dangling"), followSymlinks: false })).toMatchObject(dangling);
    const lost = call("statEntry", { path: uri(folder, "dangling"), followSymlinks: true });
    await expect(lost).rejects.toThrow(refusal(-32004, "No such file or directory (os error 2)"));
    expect(await call("statEntry", { path: "file:///dev/null" })).toMatchObject({ kind: "characterDevice" });
  });

  test("makes and reads links, also with names and targets that are no UTF-8", async () => {
    await using there = await scene();
    const { folder, call } = there;
    const target = Buffer.from([0x2e, 0x2f, 0xff, 0x0a, 0x61]);
    await call("makeLink", { path: uri(folder, "l%FE%0A"), targetBase64: target.toString("base64") });
    expect(await call("readLink", { path: uri(folder, "l%FE%0A") })).toEqual({
      targetBase64: target.toString("base64"),
    });
    await writeFile(folder.join("file"), "x");
    await call("makeLink", { path: uri(folder, "second"), existingPath: uri(folder, "file") });
    expect((await stat(folder.join("second"))).nlink).toBe(2);
    const exists = refusal(-32603, expect.stringContaining("File exists"));
    const again = { path: uri(folder, "second"), targetBase64: base64("x") };
    await expect(call("makeLink", again)).rejects.toThrow(exists);
    const none = call("readLink", { path: uri(folder, "file") });
    await expect(none).rejects.toThrow(refusal(-32600, "Invalid argument (os error 22)"));
    const both = { path: uri(folder, "b"), targetBase64: base64("x"), existingPath: uri(folder, "file") };
    for (const params of [both, { path: uri(folder, "n") }, { path: uri(folder, "n"), targetBase64: null }]) {
      await expect(call("makeLink", params)).rejects.toThrow(refusal(-32600, expect.stringContaining("only one")));
    }
    const nul = { path: uri(folder, "nul"), targetBase64: base64("a\0b") };
    await expect(call("makeLink", nul)).rejects.toThrow(refusal(-32600, expect.stringContaining("NUL")));
  });

  test("renames at once, a link and not its target, over what may be replaced", async () => {
    await using there = await scene();
    const { folder, call } = there;
    const rename = (from: string, to: string) =>
      call("rename", { sourcePath: uri(folder, from), destinationPath: uri(folder, to) });
    await writeFile(folder.join("a"), "a");
    await writeFile(folder.join("b"), "b");
    await symlink("a", folder.join("link"));
    await mkdir(folder.join("full", "in"), { recursive: true });
    await mkdir(folder.join("empty"));
    await rename("a", "b");
    expect(await readFile(folder.join("b"), "utf8")).toBe("a");
    await rename("link", "-n");
    expect(await readlink(folder.join("-n"))).toBe("a");
    await rename("full", "empty");
    expect(await readdir(folder.join("empty"))).toEqual(["in"]);
    await mkdir(folder.join("other", "x"), { recursive: true });
    const os = (text: string) => refusal(-32603, expect.stringContaining(text));
    await expect(rename("other", "empty")).rejects.toThrow(os("Directory not empty"));
    await expect(rename("other", "b")).rejects.toThrow(os("Not a directory"));
    await expect(rename("b", "other")).rejects.toThrow(os("Is a directory"));
    await expect(rename("gone", "x")).rejects.toThrow(refusal(-32004, expect.anything()));
    await expect(rename("b", "nowhere/x")).rejects.toThrow(refusal(-32004, expect.anything()));
    await expect(rename("other", "other/x/y")).rejects.toThrow(
      refusal(-32600, expect.stringContaining("Invalid argument")),
    );
    await expect(rename("b", `${"n".repeat(256)}`)).rejects.toThrow(os("Filename too long"));
    expect((await readdir(folder.path)).sort()).toEqual(["-n", "b", "empty", "other"]);
  });

  test("renames nothing over what is there when it is told so", async () => {
    await using there = await scene();
    const { folder, call } = there;
    await writeFile(folder.join("a"), "a");
    await mkdir(folder.join("d", "in"), { recursive: true });
    await mkdir(folder.join("empty"));
    await symlink("nowhere", folder.join("link"));
    const rename = (from: string, to: string) =>
      call("rename", { sourcePath: uri(folder, from), destinationPath: uri(folder, to), noReplace: true });
    const taken = refusal(-32603, expect.stringContaining("File exists"));
    for (const to of ["a", "d", "empty", "link"]) {
      for (const from of ["a", "d", "link"]) await expect(rename(from, to), `${from} to ${to}`).rejects.toThrow(taken);
    }
    for (const from of ["a", "d", "link"]) await rename(from, `new ${from}`);
    expect((await readdir(folder.path)).sort()).toEqual(["empty", "new a", "new d", "new link"]);
    expect(await readlink(folder.join("new link"))).toBe("nowhere");
    await expect(rename("gone", "x")).rejects.toThrow(refusal(-32004, expect.anything()));
  });

  test("never renames or replaces the home, what contains it, or a root, however it is spelled", async () => {
    await using folder = await tempDir();
    await mkdir(folder.join("outer", "home"), { recursive: true });
    await mkdir(folder.join("spare"));
    await symlink("outer", folder.join("alias"));
    await using line = await Line.ready({ env: { PATH: "/usr/bin:/bin", HOME: folder.join("outer", "home") } });
    const rename = (sourcePath: string, destinationPath: string) =>
      line.call("holdfast/rename", { sourcePath, destinationPath });
    const home = (verb: string) => refusal(-32600, expect.stringMatching(new RegExp(`must not be ${verb}.*home`)));
    await expect(rename(uri(folder, "outer", "home"), uri(folder, "x"))).rejects.toThrow(home("renamed"));
    await expect(rename(uri(folder, "alias", "home"), uri(folder, "x"))).rejects.toThrow(home("renamed"));
    await expect(rename(uri(folder, "outer"), uri(folder, "x"))).rejects.toThrow(home("renamed"));
    await expect(rename(uri(folder, "spare"), uri(folder, "alias", "home"))).rejects.toThrow(home("replaced"));
    await expect(rename("file:///", uri(folder, "x"))).rejects.toThrow(
      refusal(-32600, expect.stringContaining("root")),
    );
    await rename(uri(folder, "alias"), uri(folder, "other-alias"));
    expect((await readdir(folder.path)).sort()).toEqual(["other-alias", "outer", "spare"]);
  });

  test("tells that another file system is another one", async () => {
    await using there = await scene();
    const { folder, call } = there;
    if ((await stat("/dev/shm")).dev === (await stat(folder.path)).dev)
      throw new Error("the test needs two file systems");
    await writeFile(folder.join("f"), "x");
    const moved = call("rename", {
      sourcePath: uri(folder, "f"),
      destinationPath: `file:///dev/shm/holdfast-${process.pid}-${Date.now()}`,
    });
    await expect(moved).rejects.toThrow(refusal(-32603, expect.stringContaining("Cross-device link")));
    expect(await readFile(folder.join("f"), "utf8")).toBe("x");
  });

  test("sets mode, size and times of one file, and times of a link", async () => {
    await using there = await scene();
    const { folder, call } = there;
    await writeFile(folder.join("f"), "12345");
    await symlink("f", folder.join("l"));
    const times = { accessedAtMs: 86_400_123, modifiedAtMs: -1_500 };
    await call("setAttributes", { path: uri(folder, "l"), mode: 0o4750, size: 8, ...times });
    const file = await lstat(folder.join("f"));
    expect([file.mode & 0o7777, file.size, file.atimeMs, file.mtimeMs]).toEqual([0o4750, 8, 86_400_123, -1_500]);
    expect(await readFile(folder.join("f"))).toEqual(Buffer.from("12345\0\0\0"));
    await call("setAttributes", { path: uri(folder, "l"), followSymlinks: false, modifiedAtMs: 5_000 });
    expect((await lstat(folder.join("l"))).mtimeMs).toBe(5_000);
    expect((await lstat(folder.join("f"))).mtimeMs).toBe(-1_500);
    const refused = (params: object) => call("setAttributes", { path: uri(folder, "l"), ...params });
    const invalid = (text: string) => refusal(-32600, expect.stringContaining(text));
    await expect(refused({ followSymlinks: false, mode: 0o600 })).rejects.toThrow(invalid("no mode"));
    await expect(refused({ mode: 0o10000 })).rejects.toThrow(invalid("7777"));
    await expect(refused({ mode: -1 })).rejects.toThrow(refusal(-32602, expect.anything()));
    const folderSize = call("setAttributes", { path: uri(folder), size: 0 });
    await expect(folderSize).rejects.toThrow(refusal(-32603, expect.stringContaining("Is a directory")));
    const gone = call("setAttributes", { path: uri(folder, "gone"), size: 0 });
    await expect(gone).rejects.toThrow(refusal(-32004, expect.anything()));
    expect(await readdir(folder.path)).toEqual(["f", "l"]);
  });

  test("adds at the end, where the end is at that moment, and to regular files alone", async () => {
    await using there = await scene();
    const { folder, call } = there;
    const append = (text: string, path = uri(folder, "log")) => call("appendFile", { path, chunk: base64(text) });
    await append("");
    expect(await readFile(folder.join("log"), "utf8")).toBe("");
    await Promise.all(Array.from({ length: 20 }, (_, n) => append(`line ${n}\n`)));
    appendFileSync(folder.join("log"), "by another\n");
    await append("last\n");
    const lines = (await readFile(folder.join("log"), "utf8")).split("\n");
    expect(lines.slice(0, 20).sort()).toEqual(Array.from({ length: 20 }, (_, n) => `line ${n}`).sort());
    expect(lines.slice(20)).toEqual(["by another", "last", ""]);
    await expect(append("x", uri(folder))).rejects.toThrow(refusal(-32603, expect.stringContaining("Is a directory")));
    await expect(append("x", "file:///dev/full")).rejects.toThrow(
      refusal(-32600, expect.stringContaining("not a file")),
    );
    const large = call("appendFile", { path: uri(folder, "log"), chunk: base64("x".repeat(1_048_577)) });
    await expect(large).rejects.toThrow(refusal(-32600, expect.stringContaining("1048576")));
  });

  test("writes a whole file with a mode, and only where there is none", async () => {
    await using there = await scene();
    const { folder, call } = there;
    const write = (name: string, text: string, more: object) =>
      call("writeFile", { path: uri(folder, name), chunk: base64(text), ...more });
    await write("f", "one", { mode: 0o600 });
    expect((await stat(folder.join("f"))).mode & 0o777).toBe(0o600);
    await write("f", "two", { mode: 0o755 });
    expect((await stat(folder.join("f"))).mode & 0o777).toBe(0o755);
    await write("f", "three", { exclusive: false });
    expect((await stat(folder.join("f"))).mode & 0o777).toBe(0o755);
    const exists = refusal(-32603, "File exists (os error 17)");
    await symlink("nowhere", folder.join("dangling"));
    for (const name of ["f", "dangling"]) {
      await expect(write(name, "four", { exclusive: true })).rejects.toThrow(exists);
    }
    await write("g", "new", { exclusive: true, mode: 0o444 });
    expect(await readFile(folder.join("g"), "utf8")).toBe("new");
    expect((await stat(folder.join("g"))).mode & 0o777).toBe(0o444);
    const racers = Array.from({ length: 8 }, (_, n) => write("one-of-many", `${n}`, { exclusive: true }));
    const settled = await Promise.allSettled(racers);
    expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect((await readdir(folder.path)).sort()).toEqual(["dangling", "f", "g", "one-of-many"]);
  });

  test("makes temporary folders under new names, for their user alone", async () => {
    await using there = await scene();
    const { folder, call } = there;
    const made = [await call("makeTemporaryFolder", { folder: uri(folder), prefix: "build-" })];
    made.push(await call("makeTemporaryFolder", { folder: uri(folder), prefix: "" }));
    expect(made[0].path).toMatch(/\/build-[A-Za-z0-9]{6}$/);
    expect((await stat(new URL(made[0].path))).mode & 0o777).toBe(0o700);
    expect(await readdir(folder.path)).toHaveLength(2);
    const slash = call("makeTemporaryFolder", { folder: uri(folder), prefix: "../x" });
    await expect(slash).rejects.toThrow(refusal(-32600, expect.stringContaining("slash")));
  });

  test("lists links in a walk for who asks, and for nobody else", async () => {
    await using there = await scene();
    const { folder, line } = there;
    await mkdir(folder.join("d"));
    await symlink("d", folder.join("to-folder"));
    await symlink("nowhere", folder.join("dangling"));
    await writeFile(folder.join("f"), "");
    const bounds = { maxDepth: 4, maxDirectories: 100, maxEntries: 100, followDirectorySymlinks: false };
    const walk = async (more: object) => {
      const { entries } = await line.call("fs/walk", { path: uri(folder), options: { ...bounds, ...more } });
      return entries.map(({ path, kind }: { path: string; kind: string }) => `${kind} ${path.split("/").at(-1)}`);
    };
    const plain = ["directory d", "file f"];
    expect(await walk({})).toEqual(plain);
    expect(await walk({ holdfastSymlinks: false })).toEqual(plain);
    expect(await walk({ holdfastSymlinks: true })).toEqual([
      "directory d",
      "symlink dangling",
      "file f",
      "symlink to-folder",
    ]);
    expect(await walk({ holdfastSymlinks: true, followDirectorySymlinks: true })).toEqual([
      "directory d",
      "symlink dangling",
      "file f",
      "directory to-folder",
    ]);
  });

  test("commits a staged file only where nothing has its name by then", async () => {
    await using there = await scene();
    const { folder, call } = there;
    for (const name of ["free", "taken"]) {
      await call("stageFile", { stageId: name, path: uri(folder, name) });
      await call("writeStaged", { stageId: name, offset: 0, chunk: base64("new") });
    }
    await writeFile(folder.join("taken"), "old");
    await call("commitStaged", { stageId: "free", noReplace: true, mode: 0o640 });
    expect((await stat(folder.join("free"))).mode & 0o777).toBe(0o640);
    const taken = call("commitStaged", { stageId: "taken", noReplace: true });
    await expect(taken).rejects.toThrow(refusal(-32603, expect.stringContaining("File exists")));
    expect(await readFile(folder.join("taken"), "utf8")).toBe("old");
    expect((await readdir(folder.path)).sort()).toEqual(["free", "taken"]);
  });
});

describe.skipIf(!canConfine)("what the extension does to files under a sandbox", () => {
  test("is done where the profile allows it and nowhere else", async () => {
    using inside = workspace();
    using outside = workspace();
    await using line = await Line.ready();
    const sandbox = workspaceWrite(inside.path);
    const call = (method: string, params: object) => line.call(`holdfast/${method}`, { ...params, sandbox });
    await call("writeFile", { path: inside.uriOf("f"), chunk: base64("one"), mode: 0o600, exclusive: true });
    await call("appendFile", { path: inside.uriOf("f"), chunk: base64("two") });
    await call("makeLink", { path: inside.uriOf("l"), targetBase64: base64("f") });
    await call("makeLink", { path: inside.uriOf("h"), existingPath: inside.uriOf("f") });
    await call("setAttributes", { path: inside.uriOf("l"), mode: 0o640, modifiedAtMs: 7_000 });
    await call("rename", { sourcePath: inside.uriOf("l"), destinationPath: inside.uriOf("m") });
    const { path } = await call("makeTemporaryFolder", { folder: inside.uri, prefix: "t-" });
    expect(readFileSync(inside.at("f"), "utf8")).toBe("onetwo");
    expect(await call("readLink", { path: inside.uriOf("m") })).toEqual({ targetBase64: base64("f") });
    expect(await call("statEntry", { path: inside.uriOf("m") })).toMatchObject({ targetKind: "file", isSymlink: true });
    expect(await call("statEntry", { path: inside.uriOf("f") })).toMatchObject({ linkCount: 2, mode: 0o640 });
    // What the sandbox mounts over is there as long as it is.
    const names = readdirSync(inside.path).filter((name) => !name.startsWith("."));
    expect(names.sort()).toEqual(["f", "h", "m", path.split("/").at(-1)].sort());

    writeFileSync(outside.at("kept"), "old", { mode: 0o644 });
    mkdirSync(outside.at("d"));
    const before = statSync(outside.at("kept"));
    const attempts: [string, object][] = [
      ["writeFile", { path: outside.uriOf("new"), chunk: base64("x"), exclusive: true }],
      ["writeFile", { path: outside.uriOf("kept"), chunk: base64("x"), mode: 0o777 }],
      ["appendFile", { path: outside.uriOf("kept"), chunk: base64("x") }],
      ["makeLink", { path: outside.uriOf("l"), targetBase64: base64("x") }],
      ["makeLink", { path: inside.uriOf("stolen"), existingPath: outside.uriOf("kept") }],
      ["setAttributes", { path: outside.uriOf("kept"), mode: 0o777 }],
      ["setAttributes", { path: outside.uriOf("kept"), size: 0 }],
      ["rename", { sourcePath: outside.uriOf("kept"), destinationPath: outside.uriOf("moved") }],
      ["rename", { sourcePath: inside.uriOf("f"), destinationPath: outside.uriOf("moved") }],
      ["rename", { sourcePath: outside.uriOf("kept"), destinationPath: inside.uriOf("moved") }],
      ["makeTemporaryFolder", { folder: outside.uri, prefix: "t-" }],
    ];
    for (const [method, params] of attempts) {
      await expect(call(method, params), method).rejects.toThrow(refusal(expect.any(Number), expect.any(String)));
    }
    const after = statSync(outside.at("kept"));
    expect([after.mode, after.mtimeMs, after.nlink]).toEqual([before.mode, before.mtimeMs, 1]);
    expect(readFileSync(outside.at("kept"), "utf8")).toBe("old");
    expect(readdirSync(outside.path).sort()).toEqual(["d", "kept"]);
  });

  test("goes through no link that leads out of it", async () => {
    using inside = workspace();
    using outside = workspace();
    await using line = await Line.ready();
    const sandbox = workspaceWrite(inside.path);
    writeFileSync(outside.at("private"), "private", { mode: 0o600 });
    symlinkSync(outside.path, inside.at("out"));
    linkSync(outside.at("private"), outside.at("second"));
    const attempts: [string, object][] = [
      ["appendFile", { path: inside.uriOf("out", "private"), chunk: base64("x") }],
      ["setAttributes", { path: inside.uriOf("out", "private"), mode: 0o644 }],
      ["rename", { sourcePath: inside.uriOf("out", "private"), destinationPath: inside.uriOf("mine") }],
      ["rename", { sourcePath: inside.uriOf("out", "private"), destinationPath: inside.uriOf("out", "x") }],
    ];
    for (const [method, params] of attempts) {
      const attempt = line.call(`holdfast/${method}`, { ...params, sandbox });
      await expect(attempt, method).rejects.toThrow(refusal(expect.any(Number), expect.any(String)));
    }
    expect(statSync(outside.at("private")).mode & 0o777).toBe(0o600);
    expect(readdirSync(outside.path).sort()).toEqual(["private", "second"]);
  });
});
