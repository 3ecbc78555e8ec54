import { execFileSync } from "node:child_process";
import { chmod, link, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { pathUriFromNative, pathUriFromNativeBytes } from "@holdfast/path-uri";
import { type TempDir, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { connected } from "../support/connected.ts";
import { diskHandlers } from "../support/disk-executor.ts";
import { DiskPrograms } from "../support/disk-programs.ts";

const onLinux = process.platform === "linux";

function uri(path: string) {
  return pathUriFromNative(path, "posix");
}

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

/** A folder that others may write, one that they may not touch, and a client of an executor that stages nothing. */
async function scene({ slow }: { readonly slow?: string } = {}) {
  const folder = await tempDir();
  await mkdir(folder.join("ws"));
  await mkdir(folder.join("outside"), { mode: 0o700 });
  await writeFile(folder.join("outside", "private"), "private", { mode: 0o600 });
  await mkdir(folder.join("bin"));
  if (slow !== undefined) {
    await writeFile(folder.join("bin", slow), `#!/bin/sh\nsleep 0.5\nexec /usr/bin/${slow} "$@"\n`, { mode: 0o755 });
  }
  const programs = new DiskPrograms({ ...process.env, PATH: `${folder.join("bin")}:${process.env.PATH}` });
  const line = await connected(diskHandlers(programs));
  return {
    folder,
    line,
    programs,
    fs: line.executor.fs,
    ws: (...names: string[]): string => folder.join("ws", ...names),
    outside: (...names: string[]): string => folder.join("outside", ...names),
    [Symbol.asyncDispose]: async () => {
      await line[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function staged(folder: TempDir, end = ""): Promise<string> {
  const names = (await readdir(folder.join("ws"))).filter(
    (name) => name.startsWith(".holdfast-") && name.endsWith(end),
  );
  expect(names).toHaveLength(1);
  return folder.join("ws", names[0] ?? "");
}

describe.skipIf(!onLinux)("a part of a file", () => {
  test.each([
    ["a link to a private file", (there: string, part: string) => symlink(there, part)],
    ["another name of a private file", (there: string, part: string) => link(there, part)],
  ])("whose place was taken by %s changes nothing there", async (_, swap) => {
    await using there = await scene();
    const { folder, fs, ws, outside } = there;
    const writer = fs.createWriteStream(ws("file"), { mode: 0o666 }).getWriter();
    await writer.write(Buffer.alloc(3 << 20, "x"));
    const part = await staged(folder);
    await rm(part);
    await swap(outside("private"), part);
    await expect(writer.close()).rejects.toMatchObject({ name: "FileTransferError", code: "not-placed" });
    expect([await readFile(outside("private"), "utf8"), await modeOf(outside("private"))]).toEqual(["private", "600"]);
    expect(await readdir(ws())).toEqual([]);
  });

  test("whose place was taken by a pipe is waited for by nobody", async () => {
    await using there = await scene();
    const writer = there.fs.createWriteStream(there.ws("file")).getWriter();
    await writer.write(Buffer.alloc(1 << 20, "x"));
    const part = await staged(there.folder);
    await rm(part);
    execFileSync("mkfifo", [part]);
    await expect(writer.close()).rejects.toThrow("something else was put in the place");
    expect(await readdir(there.ws())).toEqual([]);
  });

  test("goes to the folder that was meant, whatever is put in that folder's place", async () => {
    await using there = await scene();
    const { fs, ws, outside } = there;
    await mkdir(ws("sub"));
    const writer = fs.createWriteStream(ws("sub", "file"), { mode: 0o640 }).getWriter();
    await writer.write(Buffer.alloc(1 << 20, "x"));
    await rename(ws("sub"), ws("moved"));
    await symlink(outside(), ws("sub"));
    await writer.write(Buffer.alloc(1 << 20, "y"));
    await writer.close();
    expect((await stat(ws("moved", "file"))).size).toBe(2 << 20);
    expect(await readdir(outside())).toEqual(["private"]);
  });

  test("does not follow a link that is put under the final name, to a file or a folder", async () => {
    await using there = await scene();
    const { fs, ws, outside } = there;
    for (const target of [outside("private"), outside()]) {
      const writer = fs.createWriteStream(ws("file")).getWriter();
      await writer.write("new");
      await symlink(target, ws("file"));
      await writer.close().catch(() => {});
      await rm(ws("file"));
      expect(await readdir(outside())).toEqual(["private"]);
      expect(await readFile(outside("private"), "utf8")).toBe("private");
    }
  });

  test.each(["private", "absent", ""])("is refused where a link is and none may be, to outside/%s", async (target) => {
    await using there = await scene();
    const { folder, fs, ws, outside } = there;
    await symlink(outside(target), ws("file"));
    const writer = fs.createWriteStream(ws("file"), { noFollowNames: 1 }).getWriter();
    await expect(writer.write("new")).rejects.toMatchObject({
      code: "not-placed",
      message: expect.stringContaining(`it is a link to ${folder.join("outside", target)}`),
    });
    const copied = fs.copyAtOnce(outside("private"), ws("file"), { noFollowNames: 1 });
    await expect(copied).rejects.toThrow("name what it leads to");
    await expect(fs.stageTree(ws("file"), { noFollowNames: 1 })).rejects.toThrow("it is a link to");
    expect([await readdir(outside()), await readdir(ws())]).toEqual([["private"], ["file"]]);
    expect(await readFile(outside("private"), "utf8")).toBe("private");
  });

  test("is refused at the end where a link was put meanwhile and none may be", async () => {
    await using there = await scene();
    const { fs, ws, outside } = there;
    const writer = fs.createWriteStream(ws("file"), { noFollowNames: 1, mode: 0o666 }).getWriter();
    await writer.write("new");
    await symlink(outside("private"), ws("file"));
    await expect(writer.close()).rejects.toThrow("it is a link to");
    expect([await readFile(outside("private"), "utf8"), await modeOf(outside("private"))]).toEqual(["private", "600"]);
    expect(await readdir(ws())).toEqual(["file"]);
  });

  test("goes through the links above the names that may be none, and through no other", async () => {
    await using there = await scene();
    const { folder, fs, ws, outside } = there;
    await mkdir(ws("sub"));
    await symlink("ws", folder.join("led"));
    await symlink(outside(), ws("out"));
    for (const [noFollowNames, name] of [
      [1, "one"],
      [2, "two"],
    ] as const) {
      const writer = fs.createWriteStream(folder.join("led", "sub", name), { noFollowNames }).getWriter();
      await writer.write("new");
      await writer.close();
      const tree = await fs.stageTree(folder.join("led", "sub", `tree ${name}`), { noFollowNames });
      await tree.commit({ mode: undefined, folderModes: [] });
    }
    expect((await readdir(ws("sub"))).toSorted()).toEqual(["one", "tree one", "tree two", "two"]);
    const refusal = "its folder is another one by now";
    for (const [noFollowNames, path] of [
      [2, ws("out", "file")],
      [3, folder.join("led", "sub", "file")],
      [1_000, folder.join("led", "sub", "file")],
    ] as const) {
      const writer = fs.createWriteStream(path, { noFollowNames }).getWriter();
      await expect(writer.write("new")).rejects.toThrow(refusal);
      await expect(fs.stageTree(path, { noFollowNames })).rejects.toThrow(refusal);
    }
    expect(await readdir(outside())).toEqual(["private"]);
  });

  test("is refused under a sandbox where no link may be: nobody there could tell", async () => {
    await using there = await scene();
    const options = { noFollowNames: 1, sandbox: {} as never };
    const writer = there.fs.createWriteStream(there.ws("file"), options).getWriter();
    await expect(writer.write("new")).rejects.toMatchObject({ code: "unsupported" });
    expect(await readdir(there.ws())).toEqual([]);
  });

  test("is refused where the folder is another one than was meant", async () => {
    await using there = await scene();
    const { line, fs, ws, outside } = there;
    await mkdir(ws("sub"));
    const { "process/start": start } = new DiskPrograms().handlers();
    line.server.on("process/start", async (params, server) => {
      await rename(ws("sub"), ws("moved"));
      await symlink(outside(), ws("sub"));
      return start?.(params, server);
    });
    const writer = fs.createWriteStream(ws("sub", "file")).getWriter();
    await expect(writer.write("new")).rejects.toThrow("its folder is another one by now");
    expect(await readdir(outside())).toEqual(["private"]);
  });

  test.runIf(process.geteuid?.() === 0)("overwrites a mount point, and nothing with several names", async () => {
    await using there = await scene();
    const { fs, ws } = there;
    for (const name of ["below", "mounted"]) await writeFile(ws(name), "old");
    execFileSync("mount", ["--bind", ws("below"), ws("mounted")]);
    const write = async (text: string): Promise<void> => {
      const writer = fs.createWriteStream(ws("mounted")).getWriter();
      await writer.write(text);
      await writer.close();
    };
    try {
      await write("new");
      expect(await readFile(ws("below"), "utf8")).toBe("new");
      await link(ws("below"), ws("other"));
      await expect(write("newer")).rejects.toThrow(/busy/);
      expect(await readFile(ws("other"), "utf8")).toBe("new");
    } finally {
      execFileSync("umount", [ws("mounted")]);
    }
  });
});

describe.skipIf(!onLinux)("a large file", () => {
  test("is waited for no longer than its caller wants, though its last step is not answered", async () => {
    await using there = await scene();
    const { line, fs, ws, programs } = there;
    const givenUp = new AbortController();
    const { "process/write": write } = programs.handlers();
    line.server.on("process/write", (params, server) => {
      const { chunk } = params as typeof params & { readonly chunk: string };
      if (!Buffer.from(chunk, "base64").toString().startsWith("place ")) return write?.(params, server);
      givenUp.abort(new Error("long enough"));
      return { status: "accepted" };
    });
    const writing = fs.writeFile(ws("file"), Buffer.alloc(12 << 20, "x"), { signal: givenUp.signal });
    await expect(writing).rejects.toMatchObject({ name: "AbortError", code: "aborted", delivery: "unknown" });
    programs.killAll();
    await until(async () => (await readdir(ws())).length === 0);
  });
});

describe.skipIf(!onLinux)("a file that replaces another", () => {
  test("does not take over its set-id bits", async () => {
    await using there = await scene();
    const { fs, ws } = there;
    await writeFile(ws("file"), "old");
    await chmod(ws("file"), 0o6751);
    const writer = fs.createWriteStream(ws("file")).getWriter();
    await writer.write("new");
    await writer.close();
    expect(((await stat(ws("file"))).mode & 0o7777).toString(8)).toBe("751");
  });
});

describe.skipIf(!onLinux)("what was begun", () => {
  test("is removed when the shells are killed, however slowly the one that removes it has got away from them", async () => {
    await using there = await scene({ slow: "setsid" });
    const writer = there.fs.createWriteStream(there.ws("file")).getWriter();
    await writer.write(Buffer.alloc(1 << 20, "x"));
    expect(await readdir(there.ws())).toHaveLength(1);
    there.programs.killAll();
    await until(async () => (await readdir(there.ws())).length === 0);
    await writer.abort();
  });

  test("is removed when the shells are killed", async () => {
    await using there = await scene();
    const { programs, fs, ws } = there;
    const writer = fs.createWriteStream(ws("file")).getWriter();
    await writer.write(Buffer.alloc(1 << 20, "x"));
    const tree = await fs.stageTree(ws("tree"));
    await tree.put(uri(ws("tree", "small")), Buffer.from("x"), undefined);
    expect(await readdir(ws())).toHaveLength(2);
    programs.killAll();
    await until(async () => (await readdir(ws())).length === 0);
    await expect(tree.put(uri(ws("tree", "more")), Buffer.from("x"), undefined)).rejects.toThrow("ended early");
    await writer.abort();
  });
});

describe.skipIf(!onLinux)("a tree that is made by the shell", () => {
  const make = async (there: Awaited<ReturnType<typeof scene>>) => {
    const tree = await there.fs.stageTree(there.ws("tree"));
    await tree.add([{ path: uri(there.ws("tree", "a")) }]);
    return tree;
  };

  test("puts nothing behind a link that takes the place of a folder in it", async () => {
    await using there = await scene();
    const { folder, ws, outside } = there;
    const tree = await make(there);
    const root = await staged(folder, ".tree");
    await rm(`${root}/a`, { recursive: true });
    await symlink(outside(), `${root}/a`);
    await expect(tree.put(uri(ws("tree", "a", "file")), Buffer.from("x"), 0o666)).rejects.toThrow("not there any more");
    const problems = await tree.add([
      { path: uri(ws("tree", "a", "b")) },
      { path: uri(ws("tree", "a", "link")), target: Buffer.from("x") },
    ]);
    expect(problems).toHaveLength(2);
    const folderModes = [{ path: uri(ws("tree", "a")), mode: 0o777 }];
    expect(await tree.commit({ mode: undefined, folderModes })).toEqual({ isModeSet: false, problems: [] });
    expect([await readdir(outside()), await modeOf(outside())]).toEqual([["private"], "700"]);
  });

  test("has the permission bits of new folders where none were asked for", async () => {
    await using there = await scene();
    const { ws } = there;
    await mkdir(ws("natural"));
    const tree = await make(there);
    expect(await tree.commit({ mode: undefined, folderModes: [] })).toEqual({ isModeSet: true, problems: [] });
    expect(await modeOf(ws("tree"))).toBe(await modeOf(ws("natural")));
  });

  test("is filled from a folder there, files of several names as well, and each failure is told once", async () => {
    await using there = await scene();
    const { folder, fs, ws } = there;
    await mkdir(folder.join("source", "sub"), { recursive: true });
    await writeFile(folder.join("source", "sub", "one"), "linked");
    await link(folder.join("source", "sub", "one"), folder.join("source", "two"));
    await mkdir(ws("tree"));
    const tree = await fs.stageTree(ws("tree"));
    const at = (isFile: boolean, ...names: string[]) => ({ path: uri(ws("tree", ...names)), isFile, mode: undefined });
    const nodes = [
      at(false, "sub"),
      at(true, "sub", "one"),
      at(true, "gone"),
      at(true, "sub", "gone"),
      at(true, "two"),
    ];
    const problems = await tree.copyFrom(uri(folder.join("source")), nodes);
    const why = "it is no file, or may not be read";
    expect(problems).toEqual([
      { path: uri(ws("tree", "gone")), message: why },
      { path: uri(ws("tree", "sub", "gone")), message: why },
    ]);
    expect(await tree.commit({ mode: undefined, folderModes: [] })).toEqual({ isModeSet: true, problems: [] });
    expect([await readFile(ws("tree", "sub", "one"), "utf8"), await readFile(ws("tree", "two"), "utf8")]).toEqual([
      "linked",
      "linked",
    ]);
    expect((await readdir(ws("tree"))).toSorted()).toEqual(["sub", "two"]);
  });

  test("takes names of every kind of byte, and none that do not lie in it", async () => {
    await using there = await scene();
    const { ws } = there;
    const tree = await make(there);
    const names = ["-rf", "a b", "a\nb\n", "'\"`$(touch x)`", "*", "..x", "=", "\\0101", "é", "\xff\xfe"];
    const bytes = names.map((name) => Buffer.from(name, name === "\xff\xfe" ? "latin1" : "utf8"));
    const at = (name: Buffer) =>
      pathUriFromNativeBytes(Buffer.concat([Buffer.from(ws("tree", "a", "x").slice(0, -1)), name]));
    for (const name of bytes) await tree.put(at(name), name, undefined);
    await expect(tree.put(uri(ws("treehouse", "x")), Buffer.from("x"), undefined)).rejects.toThrow("does not lie in");
    await tree.commit({ mode: undefined, folderModes: [] });
    const found = await readdir(ws("tree", "a"), { encoding: "buffer" });
    expect(found.map((name) => name.toString("latin1")).toSorted()).toEqual(
      bytes.map((name) => name.toString("latin1")).toSorted(),
    );
    for (const name of bytes) {
      expect(await readFile(Buffer.concat([Buffer.from(`${ws("tree", "a")}/`), name]))).toEqual(name);
    }
  });

  test("is refused when something else is in its place", async () => {
    await using there = await scene();
    const { folder, ws, outside } = there;
    const tree = await make(there);
    const root = await staged(folder, ".tree");
    await rename(root, ws("taken"));
    await symlink(outside(), root);
    await expect(tree.commit({ mode: 0o777, folderModes: [] })).rejects.toMatchObject({ code: "not-placed" });
    await tree.discard();
    expect([await readdir(outside()), await modeOf(outside())]).toEqual([["private"], "700"]);
  });

  test("says so where the tools are not known to follow nothing", async () => {
    await using there = await scene();
    const { line, fs, ws } = there;
    const programs = new DiskPrograms().handlers();
    await mkdir(ws("bin"));
    await writeFile(ws("bin", "mv"), "#!/bin/sh\necho 'mv (other tools) 1.0'\n", { mode: 0o755 });
    line.server.on("process/start", (params, server) => {
      const { argv, ...rest } = params as typeof params & { readonly argv: readonly string[] };
      const path = `PATH=${ws("bin")}:${process.env.PATH}`;
      return programs["process/start"]?.({ ...rest, argv: ["/usr/bin/env", path, ...argv] } as typeof params, server);
    });
    for (const method of ["process/write", "process/read", "process/terminate"]) {
      const handler = programs[method];
      if (handler !== undefined) line.server.on(method, handler);
    }
    await expect(fs.stageTree(ws("tree"))).rejects.toThrow("GNU coreutils only");
    expect(await readdir(ws())).toEqual(["bin"]);
  });
});
