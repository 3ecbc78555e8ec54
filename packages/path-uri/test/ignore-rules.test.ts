import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tempDir } from "@holdfast/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { IgnorePattern } from "../src/ignore-pattern.ts";
import { IGNORE_LINE_MAX_BYTES, IGNORE_PATTERNS_MAX, IGNORE_WILDCARDS_MAX_BYTES } from "../src/ignore-rules.ts";
import { IGNORE_FILE_MAX_BYTES, IgnoreFilter, IgnoreRulesError } from "../src/index.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");

interface Node {
  readonly name: string;
  readonly inside?: readonly Node[] | undefined;
}

const EVERY_KIND = "a b ab ba aa abc a.b .a B [a] a*b a\\b a? !a #a -a a\x20 \x20a \t\v \xc3\xa9 \xff a-b a] ^".split(
  " ",
);
/** Names of each kind, in a few folders. */
const INSIDE: readonly Node[] = [...EVERY_KIND.filter((name) => name !== "").map((name) => ({ name })), { name: "a " }];
const TREE: readonly Node[] = [
  ...INSIDE.filter(({ name }) => !["a", "ab"].includes(name)),
  {
    name: "a",
    inside: [
      ...INSIDE.filter(({ name }) => name !== "b"),
      { name: "b", inside: [...INSIDE.filter(({ name }) => name !== "a"), { name: "a", inside: INSIDE }] },
    ],
  },
  { name: "ab", inside: [...INSIDE.slice(0, 8), { name: "c", inside: INSIDE.slice(0, 8) }] },
];

function make(top: string, nodes: readonly Node[]): void {
  for (const { name, inside } of nodes) {
    const path = Buffer.concat([Buffer.from(`${top}/`, "latin1"), Buffer.from(name, "latin1")]);
    if (inside === undefined) writeFileSync(path, "");
    else {
      mkdirSync(path);
      make(`${top}/${name}`, inside);
    }
  }
}

/** What is left out, each path after the folder that it is in. */
function leftOut(filter: IgnoreFilter, nodes: readonly Node[], files: Files, folder = "", isOut = false): string[] {
  const text = files[folder];
  const here = text === undefined ? filter : filter.withFile(bytes(text));
  return nodes.flatMap(({ name, inside }) => {
    const path = `${folder}${name}`;
    const isOutToo = isOut || here.ignores(bytes(name), inside !== undefined);
    const below = inside === undefined ? [] : leftOut(here.below(bytes(name)), inside, files, `${path}/`, isOutToo);
    return isOutToo ? [path, ...below] : below;
  });
}

function pathsOf(nodes: readonly Node[], folder = ""): string[] {
  return nodes.flatMap(({ name, inside = [] }) => [`${folder}${name}`, ...pathsOf(inside, `${folder}${name}/`)]);
}

/** Text of the ignore file of each folder. */
type Files = Readonly<Record<string, string>>;

const ENV = { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1", LC_ALL: "C" };

/** What git itself leaves out. */
function leftOutByGit(top: string, paths: readonly string[], files: Files): string[] {
  for (const [folder, text] of Object.entries(files)) writeFileSync(`${top}/${folder}.gitignore`, bytes(text));
  const { stdout, stderr, status } = spawnSync("git", ["check-ignore", "--no-index", "-v", "-n", "-z", "--stdin"], {
    cwd: top,
    env: ENV,
    input: Buffer.from(paths.map((path) => `${path}\0`).join(""), "latin1"),
    maxBuffer: 64 * 1_048_576,
  });
  if (status !== 0 && status !== 1) throw new Error(`git: ${stderr}`);
  for (const folder of Object.keys(files)) rmSync(`${top}/${folder}.gitignore`);
  const fields = stdout.toString("latin1").split("\0");
  const found: string[] = [];
  for (let at = 0; at + 3 < fields.length; at += 4) {
    const [, , pattern = "", path = ""] = fields.slice(at, at + 4);
    if (pattern !== "" && !pattern.startsWith("!")) found.push(path);
  }
  return found;
}

const piece = fc.constantFrom(
  ..."a b ab c . * * ** ** ? / / /**/ **/ /** [ ] [a-b] [!a] [^b] [[:alpha:]] [[:space:]] [[:punct:]] [[:no:]] [a-] []a] [a\\]] [!]]".split(
    " ",
  ),
  ..."[[:upper:][:digit:]] [b-a] [\\a-\\b] [a-[:alpha:]] [/] [!/] \\ \\* \\a \\\\ \\/ \\[ - ! # ^ \xc3\xa9 \xff".split(
    " ",
  ),
  " ",
  "\\ ",
  "\t",
);
const randomLine = fc
  .tuple(
    fc.constantFrom("", "", "", "!", "/", "\\", "#"),
    fc.array(piece, { minLength: 1, maxLength: 7 }),
    fc.constantFrom("", "", "/", " ", "**"),
  )
  .map(([start, pieces, end]) => `${start}${pieces.join("")}${end}`);
/** A path that is there, with a few wildcards in it. */
const likelyLine = fc
  .tuple(
    fc.constantFrom("", "", "!", "/", "!/"),
    fc.constantFrom(...pathsOf(TREE)),
    fc.array(
      fc.tuple(fc.nat(12), fc.nat(3), fc.constantFrom("*", "**", "?", "**/", "/**", "/**/", "[a-c]", "[!b]", "\\")),
      { maxLength: 3 },
    ),
    fc.constantFrom("", "", "/"),
  )
  .map(([start, path, changes, end]) => {
    const changed = changes.reduce(
      (text, [at, removed, put]) => text.slice(0, at) + put + text.slice(at + removed),
      path,
    );
    return `${start}${changed}${end}`;
  });
const fileText = fc
  .tuple(
    fc.array(fc.oneof(randomLine, likelyLine), { maxLength: 6 }),
    fc.constantFrom("\n", "\n", "\r\n"),
    fc.constantFrom("", "", "\xef\xbb\xbf"),
  )
  .map(([lines, end, start]) => start + lines.join(end));

describe("the rules of ignore files", () => {
  test("leave out what git leaves out, whatever the patterns and the names are", async () => {
    await using folder = await tempDir();
    execFileSync("git", ["init", "-q", folder.path], { env: ENV });
    rmSync(folder.join(".git", "info"), { recursive: true, force: true });
    make(folder.path, TREE);
    const paths = pathsOf(TREE);
    fc.assert(
      fc.property(fileText, fileText, fileText, (root, a, ab) => {
        const files = { "": root, "a/": a, "a/b/": ab };
        const filter = IgnoreFilter.of({ exclude: [], followsFiles: true });
        expect(leftOut(filter, TREE, files)).toEqual(leftOutByGit(folder.path, paths, files));
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ["upper and lower case differ", "A\n*.LOG", ["A", "b.LOG"], ["a", "b.log"]],
    ["the last that matches decides", "*\n!a\n!*.c\nb.c", ["b", "b.c"], ["a", "a.c"]],
    ["a slash makes it a path from there", "/a\nb/c\nd/*", ["a", "b/c", "d/e"], ["x/a", "x/b/c", "x/d/e"]],
    ["one at the end means folders", "a/\nb/c/", ["a/", "x/a/", "b/c/"], ["a", "b/c"]],
    ["two stars are any folders", "**/a\nb/**\nc/**/d", ["x/y/a", "b/x/y", "c/d", "c/x/y/d"], ["b", "d"]],
    ["a star stays in its name", "a/*/b", ["a/x/b"], ["a/b", "a/x/y/b"]],
    ["classes", "[a-c]?\n[!0-9]\n[[:digit:]]x\n[]]]", ["bz", "z", "1x", "]]"], ["dz", "1", "2y", "é"]],
    ["what is escaped stands for itself", "\\*\n\\#a\n\\!b\nc\\ ", ["*", "#a", "!b", "c "], ["x", "c", "b"]],
    ["comments, and spaces at the end", "# a\nb  \n\n \r\n", ["b"], ["a", "# a", " "]],
    ["what can not be a pattern", "[a\nb\\\n[[:none:]]", [], ["[a", "a", "b", "b\\"]],
  ])("say what they say: %s", (_, text, ignored, kept) => {
    const filter = IgnoreFilter.of({ exclude: [], followsFiles: true }).withFile(Buffer.from(text));
    const isIgnored = (path: string): boolean => {
      const names = path.split("/").map((name) => Buffer.from(name));
      const isFolder = names.at(-1)?.length === 0;
      if (isFolder) names.pop();
      const folder = names.slice(0, -1).reduce((at, name) => at.below(name), filter);
      return folder.ignores(names.at(-1) ?? Buffer.of(), isFolder);
    };
    for (const path of ignored) expect(isIgnored(path), path).toBe(true);
    for (const path of kept) expect(isIgnored(path), path).toBe(false);
  });

  test("are asked after the patterns of the caller, which take in even what `.git` is in", () => {
    const filter = IgnoreFilter.of({ exclude: ["a", "!b", "!.git", "c\nd"], followsFiles: true }).withFile(
      bytes("b\n!a"),
    );
    const told = ["a", "b", ".git", "c\nd", "c"].map((name) => filter.ignores(bytes(name), false));
    expect(told).toEqual([true, false, false, true, false]);
    const plain = IgnoreFilter.of({ exclude: [], followsFiles: true });
    expect([true, false].map((isFolder) => plain.ignores(bytes(".git"), isFolder))).toEqual([true, true]);
    expect(IgnoreFilter.of({ exclude: [], followsFiles: false }).isEmpty).toBe(true);
  });

  test("cost at most the places of a pattern for each byte, whatever the pattern", () => {
    const patterns = [
      "*a*a*a*a*b",
      "**/a*/**/a*/**/a*/**/b",
      "*".repeat(50),
      "?*".repeat(50),
      "[a-z]*".repeat(50),
      "a*".repeat(50),
    ];
    const deep = bytes("aaaaaaaaaaaaaaaa/".repeat(200));
    for (const text of [...patterns, ...patterns.map((pattern) => `x/${pattern}/**/y`)]) {
      const pattern = IgnorePattern.compile(bytes(text));
      pattern?.matches(deep);
      expect(pattern?.steps).toBeLessThanOrEqual((text.length + 1) * deep.length);
    }
  });

  test("are no more than can be followed in good time, and who writes more is told", () => {
    const filter = IgnoreFilter.of({ exclude: [], followsFiles: true });
    const many = "a\n".repeat(IGNORE_PATTERNS_MAX);
    expect(filter.withFile(bytes(many)).ignores(bytes("a"), false)).toBe(true);
    const wild = `${"a".repeat(1_000)}?\n`.repeat(Math.floor(IGNORE_WILDCARDS_MAX_BYTES / 1_001));
    const half = `${"a".repeat(1_000)}?\n`.repeat(20);
    const refused: [string, RegExp][] = [
      [`${many}a`, /more than 16384 patterns/],
      ["#".repeat(IGNORE_FILE_MAX_BYTES + 1), /longer than 1048576 bytes/],
      ["a".repeat(IGNORE_LINE_MAX_BYTES + 1), /a pattern of more than 4096 bytes/],
      [`${wild}${half}`, /patterns with wildcards of more than 32768 bytes/],
    ];
    for (const [text, why] of refused) {
      expect(() => filter.withFile(bytes(text))).toThrow(IgnoreRulesError);
      expect(() => filter.withFile(bytes(text))).toThrow(why);
    }
    const below = filter.withFile(bytes(half)).below(bytes("a"));
    expect(() => below.withFile(bytes(half))).toThrow(/with those of the folders above, patterns with wildcards/);
    const deep = Array.from({ length: 5 }).reduce<IgnoreFilter>(
      (at) => at.withFile(bytes(many)).below(bytes("a")),
      filter,
    );
    expect(() => deep.withFile(bytes(many))).toThrow(/with those of the folders above, patterns that take more than/);
    expect(() => IgnoreFilter.of({ exclude: ["a".repeat(5_000)], followsFiles: false })).toThrow(IgnoreRulesError);
  });
});
