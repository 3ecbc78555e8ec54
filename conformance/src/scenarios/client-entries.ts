import assert from "node:assert/strict";
import { chmod, mkdir, readdir, readFile, readlink, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  connect,
  type GlobOptions,
  isFileError,
  isRemoteError,
  isUnsupported,
  type SearchOptions,
} from "@holdfast/exec-client";
import { pathUriFromNativeBytes } from "@holdfast/path-uri";
import type { ClientScenario } from "../scenario.ts";

/** Names that a script would stumble over. */
const ODD_NAMES = ["-n", "a b", "new\nline", "$(touch pwned)", "'\"`\\", "grün", "*", "x".repeat(255)];

/** Told by an executor, or by what a command said. */
function saying(code: string, text: RegExp) {
  return (error: unknown): boolean =>
    (isFileError(error) && error.code === code) || (isRemoteError(error) && text.test(error.message));
}

async function collected<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const ENOENT = saying("ENOENT", /No such file/);
const EEXIST = saying("EEXIST", /File exists/);

export const CLIENT_ENTRIES: readonly ClientScenario[] = [
  {
    direction: "client",
    id: "client.entries",
    sentence: "links, attributes, renaming and appending work, by the executor or by its commands",
    requirements: ["holdfast.files"],
    essential: true,
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      const { fs } = executor;
      const at = (name: string): string => join(context.folder, name);
      await writeFile(at("file"), "12345");
      await chmod(at("file"), 0o640);
      await fs.symlink("file", at("link"));
      await fs.symlink("no\nwhere", at("dangling"));
      assert.equal(await readlink(at("link")), "file");
      assert.equal(await fs.readlink(at("dangling")), "no\nwhere");
      const found = await stat(at("file"), { bigint: true });
      const told = await fs.stat(at("link"));
      assert.deepEqual(
        [told.kind, told.isFile, told.isSymlink, told.size, told.mode, told.uid, told.linkCount, told.inode],
        ["file", true, true, 5, 0o640, Number(found.uid), 1, String(found.ino)],
      );
      assert.equal(told.modifiedAtMs, Number(found.mtimeMs));
      const dangling = await fs.lstat(at("dangling"));
      assert.deepEqual(
        [dangling.kind, dangling.linkTarget, dangling.linkTargetKind],
        ["symlink", "no\nwhere", undefined],
      );
      assert.equal((await fs.lstat(at("link"))).linkTargetKind, "file");
      await assert.rejects(fs.stat(at("dangling")), ENOENT);
      assert.deepEqual([await fs.exists(at("file")), await fs.exists(at("dangling"))], [true, false]);
      assert.equal(await fs.exists(at("file/below")), false);

      const listed = (await fs.readdir(context.folder)).sort();
      // Executors of others have no way to tell of one.
      const dangled = executor.environment.capabilities.holdfastFiles ? ["dangling"] : [];
      assert.deepEqual(listed, [...dangled, "file", "link"]);

      await fs.link(at("file"), at("second"));
      await assert.rejects(fs.link(at("file"), at("second")), EEXIST);
      await assert.rejects(fs.symlink("x", at("second")), EEXIST);
      await fs.chmod(at("link"), 0o751);
      await fs.utimes(at("link"), 100, new Date(2_500));
      await fs.truncate(at("link"), 3);
      await fs.utimes(at("link"), 100, new Date(2_500));
      const changed = await stat(at("second"));
      assert.deepEqual([changed.mode & 0o7777, changed.mtimeMs, changed.atimeMs], [0o751, 2_500, 100_000]);
      assert.equal(await readFile(at("second"), "utf8"), "123");

      await fs.appendFile(at("log"), "");
      await fs.appendFile(at("log"), "one\n");
      await fs.appendFile(at("log"), new Blob(["two\n"]));
      await fs.appendFile(at("log"), new Response("three\n").body ?? "");
      assert.equal(await readFile(at("log"), "utf8"), "one\ntwo\nthree\n");
      const large = Buffer.alloc(3 * 1_048_576 + 5, "0123456789abcdef");
      await fs.appendFile(at("large"), large);
      assert.ok((await readFile(at("large"))).equals(large));
      await assert.rejects(fs.appendFile(at("nowhere/log"), "x"), ENOENT);

      const made = await fs.mkdtemp(at("t-"));
      assert.match(made, /\/t-[A-Za-z0-9]{6}$/);
      assert.equal((await stat(made)).mode & 0o777, 0o700);
      await fs.writeFile(at("program"), "#!/bin/sh\n", { mode: 0o755, flag: "wx" });
      assert.equal((await stat(at("program"))).mode & 0o777, 0o755);
      await assert.rejects(fs.writeFile(at("program"), "other", { flag: "wx" }), EEXIST);
      await assert.rejects(fs.writeFile(at("dangling"), "other", { flag: "wx" }), EEXIST);
      for (const name of ["program", "dangling"]) {
        const taken = fs.createWriteStream(at(name), { flag: "wx" });
        await assert.rejects(new Blob(["other"]).stream().pipeTo(taken), EEXIST);
      }
      const streamed = fs.createWriteStream(at("streamed"), { flag: "wx", mode: 0o640 });
      await new Blob([large]).stream().pipeTo(streamed);
      assert.ok((await readFile(at("streamed"))).equals(large));
      assert.equal((await stat(at("streamed"))).mode & 0o777, 0o640);
      const givenUp = fs.createWriteStream(at("given-up"), { flag: "wx" }).getWriter();
      await givenUp.write("a");
      await givenUp.abort();
      await fs.writeFile(at("program"), "#!/bin/sh -e\n", { mode: 0o700 });
      assert.equal((await stat(at("program"))).mode & 0o777, 0o700);
      await assert.rejects(fs.chmod(at("gone"), 0o600), ENOENT);
      await fs.chmod(made, 0o2750);
      assert.equal((await stat(made)).mode & 0o7777, 0o2750);
      await fs.chmod(made, 0o750);
      assert.equal((await stat(made)).mode & 0o7777, 0o750);
      const names = [
        "dangling",
        "file",
        "large",
        "link",
        "log",
        "program",
        "second",
        "streamed",
        made.split("/").at(-1),
      ];
      assert.deepEqual((await readdir(context.folder)).sort(), names.sort());
    },
  },
  {
    direction: "client",
    id: "client.rename",
    sentence: "a rename is one, whatever the names are, and never a copy",
    requirements: ["holdfast.files"],
    essential: true,
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      const { fs } = executor;
      const at = (...names: string[]): string => join(context.folder, ...names);
      await mkdir(at("from"));
      await mkdir(at("to"));
      for (const name of ODD_NAMES) {
        await writeFile(at("from", name), name);
        const { ino } = await stat(at("from", name));
        await fs.rename(at("from", name), at("to", name));
        assert.equal((await stat(at("to", name))).ino, ino);
      }
      // No UTF-8, which arguments of a program are on the wire.
      const raw = Buffer.concat([Buffer.from(`${context.folder}/from/`), Buffer.from([0x2d, 0xff, 0x0a, 0xfe])]);
      await writeFile(raw, "raw");
      await fs.rename(pathUriFromNativeBytes(raw), at("to", "raw"));
      assert.equal(await readFile(at("to", "raw"), "utf8"), "raw");
      assert.deepEqual(await readdir(at("from")), []);
      assert.deepEqual((await readdir(at("to"))).sort(), [...ODD_NAMES, "raw"].sort());

      await writeFile(at("a"), "a");
      await writeFile(at("b"), "b");
      await fs.rename(at("a"), at("b"));
      assert.equal(await readFile(at("b"), "utf8"), "a");
      await symlink("b", at("link"));
      await fs.rename(at("link"), at("moved"));
      assert.equal(await readlink(at("moved")), "b");
      await fs.rename(at("from"), at("from-now"));
      await assert.rejects(fs.rename(at("from-now"), at("to")), saying("ENOTEMPTY", /Directory not empty/));
      await assert.rejects(fs.rename(at("from-now"), at("b")), saying("ENOTDIR", /Not a directory/));
      await assert.rejects(fs.rename(at("b"), at("to")), saying("EISDIR", /Is a directory/));
      await assert.rejects(fs.rename(at("to"), at("to", "x")), saying("EINVAL", /Invalid argument/));
      await assert.rejects(fs.rename(at("gone"), at("x")), ENOENT);

      await mkdir(at("folder", "in"), { recursive: true });
      await mkdir(at("empty"));
      await symlink("nowhere", at("dangling"));
      const keep = { noReplace: true };
      for (const taken of ["b", "empty", "to", "moved", "dangling"]) {
        for (const name of ["b", "folder", "dangling"])
          await assert.rejects(fs.rename(at(name), at(taken), keep), EEXIST, `${name} to ${taken}`);
      }
      for (const name of ["b", "folder", "dangling"]) await fs.rename(at(name), at(`new ${name}`), keep);
      assert.deepEqual(
        [await readFile(at("new b"), "utf8"), await readdir(at("new folder")), await readlink(at("new dangling"))],
        ["a", ["in"], "nowhere"],
      );
      await fs.rename(at("new b"), at("b"), keep);
      await assert.rejects(fs.rename(at("gone"), at("x"), keep), ENOENT);
      if ((await stat("/dev/shm")).dev !== (await stat(context.folder)).dev) {
        const elsewhere = `/dev/shm/holdfast-${process.pid}-${Date.now()}`;
        await assert.rejects(fs.rename(at("b"), elsewhere), saying("EXDEV", /Cross-device link/));
        assert.equal(await readFile(at("b"), "utf8"), "a");
      }
      await assert.rejects(fs.rename("/", at("x")), saying("refused", /must not be renamed/));
    },
  },
  {
    direction: "client",
    id: "client.watch",
    sentence: "what happens in a folder is told as it happens, or soon after",
    requirements: ["holdfast.files"],
    essential: true,
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      const at = (...names: string[]): string => join(context.folder, ...names);
      await mkdir(at("d", "e"), { recursive: true });
      for (const name of ["changes", "goes", "moves"]) await writeFile(at("d", name), "1");
      await using watch = executor.fs.watch(at("d"), { recursive: true, pollIntervalMs: 100 });
      await watch.ready;
      await writeFile(at("d", "changes"), "22");
      await rm(at("d", "goes"));
      await rename(at("d", "moves"), at("d", "e", "moved"));
      await writeFile(at("d", "e", "comes\n"), "");
      const expected = new Set(["changed changes", "removed goes", "renamed e/moved moves", "created e/comes\n"]);
      const short = (path: string): string => path.slice(at("d").length + 1);
      for await (const event of watch) {
        assert.notEqual(event.type, "overflow");
        if (event.type === "overflow") break;
        const words = [event.type, short(event.path), ...(event.type === "renamed" ? [short(event.from)] : [])];
        // What is still being written may be told twice.
        if (!expected.delete(words.join(" "))) assert.match(words.join(" "), /^changed (changes|e\/comes\n)$/);
        if (expected.size === 0) break;
      }
      assert.deepEqual(await watch.next(), { done: true, value: undefined });
      await assert.rejects(executor.fs.watch(at("no")).ready, ENOENT);
      await using last = executor.fs.watch(at("d", "e"), { pollIntervalMs: 100 });
      await last.ready;
      await rm(at("d", "e"), { recursive: true });
      const types: string[] = [];
      for await (const { type } of last) types.push(type);
      assert.equal(types.at(-1), "removed");
    },
  },
  {
    direction: "client",
    id: "client.search",
    sentence: "files are found by patterns and by text in them, the same on every executor",
    requirements: ["holdfast.files"],
    essential: true,
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      const cwd = context.folder;
      const at = (...names: string[]): string => join(cwd, ...names);
      await mkdir(at("b", "deep"), { recursive: true });
      await mkdir(at(".git"));
      await mkdir(at("node_modules"));
      const texts = {
        "a.ts": "one\ntwo words\r\n",
        "b/c.ts": "",
        "b/deep/new\nline.ts": "last Two",
        "b/deep/x.js": "two",
      };
      const hidden = { ".git/z.ts": "two", "node_modules/y.ts": "two", binary: "two\0" };
      for (const [path, text] of Object.entries({ ...texts, ...hidden })) await writeFile(at(path), text);
      await symlink("b", at("link"));
      const short = (path: string): string => path.slice(cwd.length + 1);
      const find = async (patterns: string | string[], options: GlobOptions = {}): Promise<string[]> => {
        const found = await collected(executor.fs.glob(patterns, { cwd, ...options }));
        return found.map(({ path, kind }) => `${kind} ${short(path)}`);
      };
      const files = ["file a.ts", "file b/c.ts", "file b/deep/new\nline.ts"];
      assert.deepEqual(await find("**/*.ts", { ignore: "**/node_modules" }), files);
      assert.deepEqual(await find("**/*.ts", { limit: 2 }), files.slice(0, 2));
      assert.deepEqual(await find("*", { kinds: ["directory", "symlink"] }), [
        "directory b",
        "symlink link",
        "directory node_modules",
      ]);
      assert.deepEqual(await find("link/*", { followSymlinks: true }), ["file link/c.ts", "directory link/deep"]);
      assert.deepEqual(await find([".git/**", "b/{c,none}.ts"]), ["file .git/z.ts", "file b/c.ts"]);
      const search = async (pattern: string | RegExp, options: SearchOptions = {}): Promise<string[]> => {
        const found = await collected(executor.fs.search(pattern, { cwd, ignore: "node_modules", ...options }));
        return found.map(({ path, lineNumber, column, text }) => `${short(path)}:${lineNumber}:${column}:${text}`);
      };
      assert.deepEqual(await search("two"), ["a.ts:2:1:two words", "b/deep/x.js:1:1:two"]);
      assert.deepEqual(await search("two", { ignoreCase: true, glob: "**/*.ts" }), [
        "a.ts:2:1:two words",
        "b/deep/new\nline.ts:1:6:last Two",
      ]);
      assert.deepEqual(await search("two", { maxMatches: 1 }), ["a.ts:2:1:two words"]);
      assert.deepEqual(await search("no such text"), []);
      if (executor.environment.capabilities.holdfastSearch) {
        assert.deepEqual(await search(/\btwo$/i), ["b/deep/new\nline.ts:1:6:last Two", "b/deep/x.js:1:1:two"]);
      } else await assert.rejects(search(/two/), isUnsupported);
      await assert.rejects(collected(executor.fs.glob("*", { cwd: at("gone") })), ENOENT);
    },
  },
];
