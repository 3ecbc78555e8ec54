import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { gitlinksOf } from "../../src/linux/git-index.ts";
import { git } from "../support/git.ts";

const OBJECT = "1234567890".repeat(4);
const LINKS = ["deep/er/three", "one", "two-with a name"];

describe("the submodules that an index lists are found", () => {
  let repository: string;

  beforeEach(() => {
    repository = mkdtempSync(join(tmpdir(), "git-index-"));
  });

  afterEach(() => rmSync(repository, { recursive: true, force: true }));

  const fill = (format: "sha1" | "sha256") => {
    git(repository, "init", "-q", `--object-format=${format}`);
    for (const name of ["a", "one.txt", "zzz"]) writeFileSync(join(repository, name), name);
    git(repository, "add", ".");
    const object = format === "sha1" ? OBJECT : OBJECT.padEnd(64, "0");
    for (const path of LINKS) git(repository, "update-index", "--add", "--cacheinfo", `160000,${object},${path}`);
  };
  const found = (name = "index") => gitlinksOf(readFileSync(join(repository, ".git", name))).sort();

  test.each(["sha1", "sha256"] as const)("with objects named by %s", (format) => {
    fill(format);
    expect(found()).toEqual(LINKS);
  });

  test("with entries that have more flags", () => {
    fill("sha1");
    writeFileSync(join(repository, "later"), "");
    git(repository, "add", "-N", "later");
    git(repository, "update-index", "--skip-worktree", "a");
    expect(readFileSync(join(repository, ".git/index")).readUInt32BE(4)).toBe(3);
    expect(found()).toEqual(LINKS);
  });

  test.each(["sha1", "sha256"] as const)("with packed names and objects named by %s", (format) => {
    fill(format);
    git(repository, "update-index", "--index-version", "4");
    expect(readFileSync(join(repository, ".git/index")).readUInt32BE(4)).toBe(4);
    expect(found()).toEqual(LINKS);
  });

  test("in the part that others share", () => {
    fill("sha1");
    git(repository, "update-index", "--split-index");
    const shared = readdirSync(join(repository, ".git")).find((name) => name.startsWith("sharedindex."));
    expect(found(shared)).toEqual(LINKS);
  });

  test("and none in an index without them, whatever its objects are named", () => {
    git(repository, "init", "-q");
    const object = `0000e000${"ab".repeat(16)}`;
    git(repository, "update-index", "--add", "--cacheinfo", `100644,${object},file`);
    expect(found()).toEqual([]);
  });
});

test("nothing that is no index makes trouble", () => {
  const header = Buffer.from("DIRC\0\0\0\u0004\0\0\u00ff\u00ff", "latin1");
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.constantFrom(2, 3, 4), (rest, version) => {
      header.writeUInt32BE(version, 4);
      const bytes = Buffer.concat([header, Buffer.of(0, 0, 0xe0, 0), rest]);
      expect(Array.isArray(gitlinksOf(bytes))).toBe(true);
      expect(gitlinksOf(rest)).toEqual([]);
    }),
    { numRuns: 500 },
  );
});
