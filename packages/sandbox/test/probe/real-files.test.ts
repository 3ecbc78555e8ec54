import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { realFiles } from "../../src/probe/real-files.ts";

const uid = process.getuid?.() ?? 0;
const files = realFiles(uid);
let base: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "sandbox-files-"));
  mkdirSync(`${base}/folder`);
  writeFileSync(`${base}/file`, "some text");
  symlinkSync("file", `${base}/link`);
});

afterEach(() => rmSync(base, { recursive: true, force: true }));

test("kinds are told without following a link", () => {
  expect(files.kindOf(`${base}/folder`)).toBe("directory");
  expect(files.kindOf(`${base}/file`)).toBe("file");
  expect(files.kindOf(`${base}/link`)).toBe("symlink");
  expect(files.kindOf("/dev/null")).toBe("other");
  expect(files.kindOf(`${base}/file/below`)).toBeUndefined();
});

test("links are read and followed, other things are not", () => {
  expect(files.readlink(`${base}/link`)).toBe("file");
  expect(files.readlink(`${base}/file`)).toBeUndefined();
  expect(files.realpath(`${base}/link`)).toBe(files.realpath(`${base}/file`));
  expect(files.realpath(`${base}/missing`)).toBeUndefined();
});

test("a text is read up to its bound, and never through a link or out of a pipe that nobody writes to", () => {
  execFileSync("mkfifo", [`${base}/pipe`]);
  expect(files.readText(`${base}/file`, 4)).toBe("some");
  expect(files.readText(`${base}/link`, 4)).toBeUndefined();
  expect(files.readText(`${base}/folder`, 4)).toBeUndefined();
  expect(files.readText(`${base}/pipe`, 4)).toBeUndefined();
});

test("names are listed, and nothing where there is no folder", () => {
  expect([...files.list(base)].sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
    { name: "file", kind: "file" },
    { name: "folder", kind: "directory" },
    { name: "link", kind: "symlink" },
  ]);
  expect(files.list(`${base}/file`)).toEqual([]);
});

test("an owner may make things even where the right is gone for now", () => {
  chmodSync(`${base}/folder`, 0o500);
  expect(files.canCreateIn(`${base}/folder`)).toBe(true);
  expect(files.canCreateIn(`${base}/file`)).toBe(false);
  expect(files.canCreateIn(`${base}/missing`)).toBe(false);
});
