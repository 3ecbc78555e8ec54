import { readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { attributesOf } from "../../src/filesystem/extended-attributes.ts";
import { writeFile } from "../../src/filesystem/index.ts";
import { isLinux, namesIn, tempFolder } from "./helpers.ts";

/** Sets `user.colour` to `red`; false where the file system takes no such attributes. */
function colour(path: string): boolean {
  const koffi = createRequire(import.meta.url)("koffi") as {
    load(path: null): { func(prototype: string): (...args: unknown[]) => number };
  };
  const set = koffi.load(null).func("int setxattr(str path, str name, str value, size_t size, int flags)");
  return set(path, "user.colour", "red", 3, 0) === 0;
}

describe.skipIf(!isLinux)("a file with extended attributes", () => {
  test("keeps them and its inode when it is written", async ({ skip }) => {
    using folder = tempFolder();
    writeFileSync(folder.at("f"), "old");
    if (!colour(folder.at("f"))) skip("the temporary folder's file system takes no user attributes");
    const { ino } = statSync(folder.at("f"));
    await writeFile(folder.bytes("f"), Buffer.from("new"));
    expect(attributesOf(folder.bytes("f"))).toContain(`user.colour=${Buffer.from("red").toString("hex")}`);
    expect([readFileSync(folder.at("f"), "utf8"), statSync(folder.at("f")).ino]).toEqual(["new", ino]);
    expect(namesIn(folder.path)).toEqual(["f"]);
  });

  test("is told from one without", async ({ skip }) => {
    using folder = tempFolder();
    for (const name of ["a", "b", "c"]) writeFileSync(folder.at(name), "");
    if (!colour(folder.at("c"))) skip("the temporary folder's file system takes no user attributes");
    expect(attributesOf(folder.bytes("a"))).toBe(attributesOf(folder.bytes("b")));
    expect(attributesOf(folder.bytes("c"))).not.toBe(attributesOf(folder.bytes("a")));
  });
});
