import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { FakeClock, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import {
  canConfine,
  confinedTo,
  literal,
  minimalWrite,
  special,
  type Workspace,
  workspace,
  workspaceWrite,
} from "../confinement/sandbox.ts";
import { base64, Line } from "../wire/line.ts";
import { helpersBelow } from "./helpers.ts";

function refusal(code: number, message: string | RegExp) {
  return expect.objectContaining({
    code,
    message: typeof message === "string" ? message : expect.stringMatching(message),
  });
}

const EROFS = refusal(-32603, "Read-only file system (os error 30)");

function write(line: Line, path: string, text: string, sandbox: object) {
  return line.call("fs/writeFile", { path, dataBase64: base64(text), sandbox });
}

async function read(line: Line, path: string, sandbox: object) {
  return Buffer.from((await line.call("fs/readFile", { path, sandbox })).dataBase64, "base64").toString();
}

describe.skipIf(!canConfine)("confined file requests", () => {
  test("change what they may and nothing else", async () => {
    using folder = workspace();
    using outside = workspace();
    await using line = await Line.ready();
    const sandbox = workspaceWrite(folder.path);
    await write(line, folder.uriOf("f"), "in", sandbox);
    await line.call("fs/createDirectory", { path: folder.uriOf("d", "e"), sandbox });
    await line.call("fs/copy", {
      sourcePath: folder.uriOf("f"),
      destinationPath: folder.uriOf("g"),
      recursive: false,
      sandbox,
    });
    await line.call("fs/remove", { path: folder.uriOf("d"), sandbox });
    expect(readFileSync(folder.at("g"), "utf8")).toBe("in");
    expect(existsSync(folder.at("d"))).toBe(false);
    writeFileSync(outside.at("kept"), "old");
    await expect(write(line, outside.uriOf("f"), "out", sandbox)).rejects.toThrow(EROFS);
    await expect(write(line, outside.uriOf("kept"), "out", sandbox)).rejects.toThrow(EROFS);
    await expect(line.call("fs/remove", { path: outside.uriOf("kept"), sandbox })).rejects.toThrow(EROFS);
    await expect(line.call("fs/createDirectory", { path: outside.uriOf("d"), sandbox })).rejects.toThrow(EROFS);
    const copied = { sourcePath: folder.uriOf("f"), destinationPath: outside.uriOf("f"), recursive: false, sandbox };
    await expect(line.call("fs/copy", copied)).rejects.toThrow(EROFS);
    expect(readdirSync(outside.path)).toEqual(["kept"]);
    expect(readFileSync(outside.at("kept"), "utf8")).toBe("old");
  });

  test("do not escape over links; a hard link is written through and stays one", async () => {
    using folder = workspace();
    using outside = workspace();
    await using line = await Line.ready();
    const sandbox = workspaceWrite(folder.path);
    writeFileSync(outside.at("target"), "old");
    writeFileSync(outside.at("shared"), "old");
    symlinkSync(outside.at("target"), folder.at("link"));
    symlinkSync(outside.path, folder.at("folder-link"));
    linkSync(outside.at("shared"), folder.at("hard"));
    await expect(write(line, folder.uriOf("link"), "new", sandbox)).rejects.toThrow(EROFS);
    await expect(write(line, folder.uriOf("folder-link", "new"), "new", sandbox)).rejects.toThrow(EROFS);
    expect(readFileSync(outside.at("target"), "utf8")).toBe("old");
    expect(readdirSync(outside.path).sort()).toEqual(["shared", "target"]);
    await write(line, folder.uriOf("hard"), "new", sandbox);
    expect(readFileSync(outside.at("shared"), "utf8")).toBe("new");
  });

  test("keep protected metadata; making it again has no effect", async () => {
    using folder = workspace();
    await using line = await Line.ready();
    const sandbox = workspaceWrite(folder.path);
    mkdirSync(folder.at(".git"));
    writeFileSync(folder.at(".git", "config"), "old");
    await expect(write(line, folder.uriOf(".git", "config"), "new", sandbox)).rejects.toThrow(EROFS);
    await expect(write(line, folder.uriOf(".git", "hook"), "new", sandbox)).rejects.toThrow(EROFS);
    expect(await line.call("fs/createDirectory", { path: folder.uriOf(".codex"), sandbox })).toEqual({});
    await expect(write(line, folder.uriOf(".codex", "f"), "new", sandbox)).rejects.toThrow(EROFS);
    expect(readFileSync(folder.at(".git", "config"), "utf8")).toBe("old");
    await line.executor.close();
    expect(readdirSync(folder.path)).toEqual([".git"]);
  });

  test("see what they may read, by every method", async () => {
    using folder = workspace();
    await using line = await Line.ready();
    writeFileSync(folder.at("f"), "text");
    mkdirSync(folder.at("secret"));
    writeFileSync(folder.at("secret", "key"), "key");
    mkdirSync(folder.at("secret", "open"));
    const sandbox = minimalWrite(folder.path, [
      literal(folder.at("secret"), "deny"),
      literal(folder.at("secret", "open"), "write"),
    ]);
    const path = folder.uriOf("f");
    expect(await read(line, path, sandbox)).toBe("text");
    expect(await line.call("fs/getMetadata", { path, sandbox })).toMatchObject({ isFile: true, size: 4 });
    expect(await line.call("fs/canonicalize", { path, sandbox })).toEqual({ path });
    symlinkSync("nowhere", folder.at("dangling"));
    const names = (await line.call("fs/readDirectory", { path: folder.uri, sandbox })).entries;
    expect(names).toContainEqual({ fileName: "f", isDirectory: false, isFile: true });
    const asked = { path: folder.uri, sandbox, holdfastDanglingLinks: true };
    const dangling = { fileName: "dangling", isDirectory: false, isFile: false };
    expect((await line.call("fs/readDirectory", asked)).entries).toContainEqual(dangling);
    expect(names).not.toContainEqual(dangling);
    const options = { maxDepth: 3, maxDirectories: 10, maxEntries: 100, followDirectorySymlinks: false };
    const { entries, errors } = await line.call("fs/walk", { path: folder.uri, options, sandbox });
    expect(entries).toContainEqual({ path, kind: "file" });
    expect(errors).toContainEqual({ path: folder.uriOf("secret"), message: "Permission denied (os error 13)" });
    await expect(read(line, folder.uriOf("secret", "key"), sandbox)).rejects.toThrow(refusal(-32004, /os error 2/));
    await expect(line.call("fs/readDirectory", { path: folder.uriOf("secret"), sandbox })).rejects.toThrow(
      refusal(-32600, "Permission denied (os error 13)"),
    );
    await expect(read(line, "file:///var/lib/dpkg/status", sandbox)).rejects.toThrow(refusal(-32004, /os error 2/));
    await expect(read(line, folder.uri, sandbox)).rejects.toThrow(
      refusal(-32600, `path \`${folder.path}\` is not a file`),
    );
  });

  test("serve open files by the access at their opening", async () => {
    using folder = workspace();
    await using line = await Line.ready();
    const sandbox = minimalWrite(folder.path);
    writeFileSync(folder.at("f"), "0123456789");
    await line.call("fs/open", { handleId: "h", path: folder.uriOf("f"), sandbox });
    renameSync(folder.at("f"), folder.at("g"));
    expect(await line.call("fs/readBlock", { handleId: "h", offset: 2, len: 4 })).toEqual({
      chunk: base64("2345"),
      eof: false,
    });
    expect(await line.call("fs/readBlock", { handleId: "h", offset: 8, len: 4 })).toEqual({
      chunk: base64("89"),
      eof: true,
    });
    const again = { handleId: "h", path: folder.uriOf("g"), sandbox };
    await expect(line.call("fs/open", again)).rejects.toThrow(refusal(-32600, /already exists/));
    await line.call("fs/open", { handleId: "w", path: folder.uriOf("w"), mode: "replace", sandbox });
    await line.call("fs/writeBlock", { handleId: "w", offset: 0, chunk: base64("written") });
    await line.call("fs/close", { handleId: "w" });
    await line.call("fs/close", { handleId: "h" });
    expect(readFileSync(folder.at("w"), "utf8")).toBe("written");
    await expect(line.call("fs/readBlock", { handleId: "h", offset: 0, len: 1 })).rejects.toThrow(
      refusal(-32004, /unknown file handle/),
    );
    const hidden = { handleId: "x", path: "file:///var/lib/dpkg/status", sandbox };
    await expect(line.call("fs/open", hidden)).rejects.toThrow(refusal(-32004, /os error 2/));
    const replaced = {
      handleId: "y",
      path: "file:///etc/holdfast-test",
      mode: "replace",
      sandbox: workspaceWrite(folder.path),
    };
    await expect(line.call("fs/open", replaced)).rejects.toThrow(EROFS);
  });

  test("never remove a protected place, also when the sandbox would let them", async () => {
    using folder = workspace();
    mkdirSync(folder.at("home"));
    await using line = await Line.ready({ env: { PATH: "/usr/bin:/bin", HOME: folder.at("home") } });
    const sandbox = workspaceWrite(folder.path);
    await expect(line.call("fs/remove", { path: folder.uriOf("home"), sandbox })).rejects.toThrow(
      refusal(-32600, /home/),
    );
    expect(existsSync(folder.at("home"))).toBe(true);
  });

  test("of two intents do not share a helper, and those of one do", async () => {
    using one = workspace();
    using two = workspace();
    await using line = await Line.ready();
    const [first, second] = [workspaceWrite(one.path), workspaceWrite(two.path)];
    await Promise.all([
      write(line, one.uriOf("f"), "1", first),
      write(line, two.uriOf("f"), "2", second),
      expect(write(line, two.uriOf("g"), "1", first)).rejects.toThrow(EROFS),
      expect(write(line, one.uriOf("g"), "2", second)).rejects.toThrow(EROFS),
    ]);
    expect(helpersBelow(process.pid)).toHaveLength(2);
  });

  test("see a workspace that was replaced by another under its name", async () => {
    using parent = workspace();
    await using line = await Line.ready();
    mkdirSync(parent.at("ws"));
    const sandbox = workspaceWrite(parent.at("ws"));
    await write(line, parent.uriOf("ws", "f"), "first", sandbox);
    renameSync(parent.at("ws"), parent.at("old"));
    mkdirSync(parent.at("ws"));
    await write(line, parent.uriOf("ws", "f"), "second", sandbox);
    expect(readFileSync(parent.at("ws", "f"), "utf8")).toBe("second");
    expect(readFileSync(parent.at("old", "f"), "utf8")).toBe("first");
  });

  test("see a repository that was made since", async () => {
    using folder = workspace();
    await using line = await Line.ready();
    const sandbox = workspaceWrite(folder.path);
    await write(line, folder.uriOf("f"), "1", sandbox);
    writeFileSync(folder.at(".git", "HEAD"), "ref");
    const path = folder.uriOf(".git", "HEAD");
    await line.call("fs/copy", { sourcePath: path, destinationPath: folder.uriOf("copy"), recursive: false, sandbox });
    expect(readFileSync(folder.at("copy"), "utf8")).toBe("ref");
    await line.executor.close();
    expect(readdirSync(folder.path).sort()).toEqual([".git", "copy", "f"]);
  });

  test("a hundred at once are all answered, by one helper", async () => {
    using folder = workspace();
    await using line = await Line.ready();
    const sandbox = minimalWrite(folder.path);
    const numbers = Array.from({ length: 100 }, (_, number) => number);
    for (const number of numbers) writeFileSync(folder.at(String(number)), String(number));
    const texts = await Promise.all(numbers.map((number) => read(line, folder.uriOf(String(number)), sandbox)));
    expect(texts).toEqual(numbers.map(String));
    expect(helpersBelow(process.pid)).toHaveLength(1);
  });

  test("carry names that are not UTF-8", async () => {
    using folder = workspace();
    await using line = await Line.ready();
    const sandbox = minimalWrite(folder.path);
    const uri = `${folder.uri}/%FFx`;
    await write(line, uri, "text", sandbox);
    expect(readdirSync(Buffer.from(folder.path), { encoding: "buffer" })).toContainEqual(Buffer.from([0xff, 0x78]));
    expect(await line.call("fs/canonicalize", { path: uri, sandbox })).toEqual({ path: uri });
    const options = { maxDepth: 1, maxDirectories: 10, maxEntries: 100, followDirectorySymlinks: false };
    const { entries } = await line.call("fs/walk", { path: folder.uri, options, sandbox });
    expect(entries).toContainEqual({ path: uri, kind: "file" });
  });

  test("carry a large file in both directions", async () => {
    using folder = workspace();
    await using line = await Line.ready();
    const sandbox = minimalWrite(folder.path);
    const content = Buffer.alloc(5_000_000, "0123456789abcdef").toString();
    await write(line, folder.uriOf("f"), content, sandbox);
    expect((await read(line, folder.uriOf("f"), sandbox)) === content).toBe(true);
  });

  test("fail with their helper, and the next one gets a fresh one", async () => {
    using folder = workspace();
    await using line = await Line.ready();
    const sandbox = minimalWrite(folder.path);
    writeFileSync(folder.at("f"), "text");
    await line.call("fs/open", { handleId: "h", path: folder.uriOf("f"), sandbox });
    const [helper = 0] = helpersBelow(process.pid);
    process.kill(helper, "SIGKILL");
    const crashed = refusal(-32603, /^fs sandbox helper failed with status exit status: 137/);
    await expect(
      (async () => {
        for (;;) await line.call("fs/readBlock", { handleId: "h", offset: 0, len: 1 });
      })(),
    ).rejects.toThrow(crashed);
    expect(await read(line, folder.uriOf("f"), sandbox)).toBe("text");
    expect(helpersBelow(process.pid)).not.toContain(helper);
  });

  test("leave no process behind when there was nothing to do for a while, and none after the line", async () => {
    using folder = workspace();
    const clock = new FakeClock();
    const line = await Line.ready({ clock, limits: { fileHelperIdleMs: 5_000 } });
    const sandbox = minimalWrite(folder.path);
    writeFileSync(folder.at("f"), "text");
    await read(line, folder.uriOf("f"), sandbox);
    expect(helpersBelow(process.pid)).toHaveLength(1);
    await clock.advance(5_000);
    await until(() => helpersBelow(process.pid).length === 0);
    await until(() => !existsSync(folder.at(".codex")));
    await read(line, folder.uriOf("f"), sandbox);
    expect(helpersBelow(process.pid)).toHaveLength(1);
    await line.hangUp();
    await until(() => helpersBelow(process.pid).length === 0);
    await line.executor.close();
    expect(readdirSync(folder.path)).toEqual(["f"]);
  });

  test("of more intents than helpers take turns", async () => {
    using folder = workspace();
    await using line = await Line.ready({ limits: { maxFileHelpers: 2 } });
    const names = ["a", "b", "c", "d", "e"];
    for (const name of names) mkdirSync(folder.at(name));
    const each = names.map((name) => write(line, folder.uriOf(name, "f"), name, workspaceWrite(folder.at(name))));
    await Promise.all(each);
    expect(names.map((name) => readFileSync(folder.at(name, "f"), "utf8"))).toEqual(names);
    // One that had to give up its place was killed, and is gone when the system gets to it.
    await until(() => helpersBelow(process.pid).length <= 2);
  });

  test("that nothing confines run here", async () => {
    using folder = workspace();
    await using line = await Line.ready();
    writeFileSync(folder.at("f"), "text");
    expect(await read(line, folder.uriOf("f"), workspaceWrite(folder.path))).toBe("text");
    await write(line, folder.uriOf("g"), "text", confinedTo(folder.path, [special("root", "write")]));
    const unlimited = { permissions: { type: "external", network: "restricted" }, windowsSandboxLevel: "disabled" };
    await write(line, folder.uriOf("h"), "text", unlimited);
    expect(helpersBelow(process.pid)).toEqual([]);
  });

  test.each([
    [
      "a folder to resolve against is missing",
      -32602,
      "file system sandbox context with dynamic permissions requires cwd",
      (folder: Workspace) => ({ ...workspaceWrite(folder.path), cwd: undefined }),
    ],
    [
      "a rule is about another kind of machine",
      -32600,
      "invalid sandbox permission path URI: 'file:///C:/x' is invalid on 'linux'",
      (folder: Workspace) =>
        confinedTo(folder.path, [{ path: { type: "path", path: "file:///C:/x" }, access: "read" } as never]),
    ],
    [
      "the folder is of another kind of machine",
      -32600,
      "'file:///C:/x' is invalid on 'linux'",
      (folder: Workspace) => ({ ...workspaceWrite(folder.path), cwd: "file:///C:/x" }),
    ],
    [
      "a root is of another kind of machine",
      -32600,
      /^file system sandbox workspace root is not native to this exec-server host: /,
      (folder: Workspace) => ({ ...workspaceWrite(folder.path), workspaceRoots: ["file:///C:/x"] }),
    ],
    [
      "native containers are asked for",
      -32600,
      "failed to prepare fs sandbox: failed to prepare MXC sandbox: native MXC is unavailable on this executor",
      (folder: Workspace) => ({ ...workspaceWrite(folder.path), windowsSandboxLevel: "mxc" }),
    ],
  ])("are refused when %s", async (_, code, message, sandboxFor) => {
    using folder = workspace();
    await using line = await Line.ready();
    const sandbox = sandboxFor(folder);
    await expect(write(line, folder.uriOf("f"), "x", sandbox)).rejects.toThrow(refusal(code, message));
    const open = { handleId: "h", path: folder.uriOf("f"), mode: "replace", sandbox };
    await expect(line.call("fs/open", open)).rejects.toThrow(refusal(code, message));
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("are announced as possible", async () => {
    await using line = await Line.ready();
    const { capabilities } = await line.call("environment/info", {});
    expect(capabilities).toMatchObject({ sandboxedFileStreaming: true });
    await using bare = await Line.ready({ env: { PATH: "/nonexistent" } });
    expect((await bare.call("environment/info", {})).capabilities).not.toHaveProperty("sandboxedFileStreaming");
  });
});
