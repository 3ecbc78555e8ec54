import { systemClock } from "@holdfast/rpc";
import { describe, expect, test } from "vitest";
import { MATCHES_MAX } from "../../../src/app-server/search/limits.ts";
import { type FoundEntry, rankFiles } from "../../../src/app-server/search/rank-files.ts";

const NEVER = new AbortController().signal;

/** Folders end with a slash. */
function entriesOf(...paths: readonly string[]): FoundEntry[] {
  return paths.map((path) => ({ root: "/r", path: path.replace(/\/$/, ""), isFolder: path.endsWith("/") }));
}

const FILES = entriesOf(
  "README.md",
  "a main b.txt",
  "camelCaseName.ts",
  "keep.log",
  "linkd/",
  "linkd/deepfile.x",
  "linkf",
  "nested/",
  "nested/inner.txt",
  "real/",
  "real/deepfile.x",
  "src/",
  "src/lib/",
  "src/lib/main_helper.rs",
  "src/main.rs",
  "x_main",
  "Ünïcode.txt",
);

async function found(query: string, files: readonly FoundEntry[] = FILES): Promise<[string, number, string][]> {
  const results = await rankFiles(query, files, { clock: systemClock, signal: NEVER });
  return results.map(({ path, score, indices }) => [path, score, (indices ?? []).join()]);
}

describe("files are found by parts of their paths, and count as clients know it", () => {
  const cases: readonly (readonly [string, string, readonly (readonly [string, number, string])[]])[] = [
    [
      "a word in a name",
      "deepfile",
      [
        ["linkd/deepfile.x", 65_745, "6,7,8,9,10,11,12,13"],
        ["real/deepfile.x", 65_745, "5,6,7,8,9,10,11,12"],
      ],
    ],
    ["the whole name of a file", "README.md", [["README.md", 196_842, "0,1,2,3,4,5,6,7,8"]]],
    [
      "the whole name of a folder",
      "linkd",
      [
        ["linkd", 131_206, "0,1,2,3,4"],
        ["linkd/deepfile.x", 134, "0,1,2,3,4"],
      ],
    ],
    [
      "letters with gaps",
      "linkf",
      [
        ["linkf", 196_742, "0,1,2,3,4"],
        ["linkd/deepfile.x", 117, "0,1,2,3,10"],
      ],
    ],
    [
      "letters in the midst of a word",
      "ain",
      [
        ["a main b.txt", 65_601, "0,4,5"],
        ["src/lib/main_helper.rs", 65_592, "9,10,11"],
        ["src/main.rs", 65_592, "5,6,7"],
        ["x_main", 65_592, "3,4,5"],
      ],
    ],
    ["capitals of words", "ccn", [["camelCaseName.ts", 65_601, "0,5,9"]]],
    ["letters without their marks", "unicode", [["Ünïcode.txt", 65_720, "0,1,2,3,4,5,6"]]],
    ["letters with their marks", "ünï", [["Ünïcode.txt", 65_620, "0,1,2"]]],
    [
      "a path",
      "s/m",
      [
        ["src/main.rs", 71, "0,3,4"],
        ["src/lib/main_helper.rs", 67, "0,7,8"],
      ],
    ],
    [
      "several words",
      "src main",
      [
        ["src/lib/main_helper.rs", 193, "0,1,2,8,9,10,11"],
        ["src/main.rs", 193, "0,1,2,4,5,6,7"],
      ],
    ],
    ["a space that belongs to it", "a\\ main", [["a main b.txt", 159, "0,1,2,3,4,5"]]],
    ["a beginning", "^keep", [["keep.log", 109, "0,1,2,3"]]],
    [
      "an end",
      "rs$",
      [
        ["src/lib/main_helper.rs", 56, "20,21"],
        ["src/main.rs", 56, "9,10"],
      ],
    ],
    ["the whole path", "^keep.log$", [["keep.log", 209, "0,1,2,3,4,5,6,7"]]],
    ["letters in a row", "'helper", [["src/lib/main_helper.rs", 152, "13,14,15,16,17,18"]]],
    ["nothing of the kind", "zzzz", []],
    ["nothing at all", "", []],
  ];
  test.each(cases)("%s", async (_, query, expected) => {
    const all = await found(query);
    const paths = new Set(expected.map(([path]) => path));
    expect(all.filter(([path]) => paths.has(path))).toEqual(expected);
    if (expected.length === 0) expect(all).toEqual([]);
  });

  test("and what is not wanted is left out", async () => {
    const files = entriesOf("a.ts", "b.ts", "b.js");
    expect(await found("ts !a", files)).toEqual([["b.ts", 56, "2,3"]]);
    expect((await found("!b", files)).map(([path]) => path)).toEqual(["a.ts"]);
  });

  test("and upper case counts as lower case", async () => {
    expect(await found("MAIN")).toEqual(await found("main"));
  });
});

test("the best are told, those that are as good in the order of their paths", async () => {
  const names = Array.from({ length: 120 }, (_, index) => `file${String(index).padStart(3, "0")}`);
  const results = await found("file", entriesOf(...names.toReversed()));
  expect(results.map(([path]) => path)).toEqual(names.slice(0, MATCHES_MAX));
});

test("a search that nobody wants any more ends", async () => {
  const entries = entriesOf(...Array.from({ length: 50_000 }, (_, index) => `folder/sub/file-${index}.ts`));
  const stop = new AbortController();
  const search = rankFiles("fsf", entries, { clock: systemClock, signal: stop.signal });
  stop.abort();
  expect((await search).length).toBeLessThanOrEqual(MATCHES_MAX);
});

test("what no file is named like takes no long time, however it repeats itself", async () => {
  const entries = entriesOf(...Array.from({ length: 200 }, (_, index) => `${"a".repeat(200)}${index}`));
  expect(await rankFiles(`${"a".repeat(100)}b`, entries, { clock: systemClock, signal: NEVER })).toEqual([]);
});
