import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { canConfine, minimalWrite, workspace } from "../confinement/sandbox.ts";
import { Line } from "./line.ts";

type Params = Readonly<Record<string, unknown>>;

interface Page {
  readonly entries: readonly { readonly path: string; readonly kind: string }[];
  readonly matches: readonly {
    readonly path: string;
    readonly lineNumber: number;
    readonly column: number;
    readonly length: number;
    readonly text: string;
    readonly textColumn: number;
  }[];
  readonly problems: readonly { readonly path: string; readonly message: string }[];
  readonly cursor?: string;
}

function refusal(code: number, message: unknown) {
  return expect.objectContaining({ name: "RemoteError", code, message });
}

/** A tree, from paths that end with a slash for a folder, and their content. */
function plant(folder: { join(...names: string[]): string }, tree: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(tree)) {
    const names = path.split("/");
    mkdirSync(folder.join(...names.slice(0, -1)), { recursive: true });
    if (names.at(-1) !== "") writeFileSync(folder.join(...names), content);
  }
}

async function scene(tree: Readonly<Record<string, string>> = {}) {
  const folder = await tempDir();
  plant(folder, tree);
  const line = await Line.ready();
  const root = `file://${folder.path}`;
  const page = (method: string, params: Params): Promise<Page> =>
    line.call(`holdfast/${method}`, { path: root, ...params });
  /** All pages, and how many there were. */
  const pages = async (method: string, params: Params): Promise<Page[]> => {
    const all: Page[] = [];
    for (let cursor: string | undefined; ; ) {
      const next = await page(method, { ...params, ...(cursor === undefined ? {} : { cursor }) });
      all.push(next);
      cursor = next.cursor;
      if (cursor === undefined) return all;
    }
  };
  return {
    folder,
    line,
    root,
    page,
    pages,
    async find(patterns: string | string[], more: Params = {}, bounds: Params = {}): Promise<string[]> {
      const all = await pages("findFiles", { filter: { patterns: [patterns].flat(), ...more }, ...bounds });
      return all.flatMap(({ entries }) => entries.map(({ path, kind }) => `${kind} ${path.slice(root.length + 1)}`));
    },
    async search(pattern: string, more: Params = {}): Promise<string[]> {
      const all = await pages("searchText", { filter: { patterns: ["**"] }, pattern, ...more });
      return all.flatMap(({ matches }) =>
        matches.map(
          ({ path, lineNumber, column, text }) => `${path.slice(root.length + 1)}:${lineNumber}:${column}:${text}`,
        ),
      );
    },
    [Symbol.asyncDispose]: async () => {
      await line[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const TREE = {
  "a.ts": "",
  "b/c.ts": "",
  "b/d/e.ts": "",
  "b/d/f.js": "",
  "node_modules/x/y.ts": "",
  ".git/z.ts": "",
  "new\nline.ts": "",
};

describe("files by patterns", () => {
  test("come a folder before what lies in it, in the byte order of names", async () => {
    await using there = await scene(TREE);
    expect((await there.line.call("environment/info")).capabilities).toMatchObject({ holdfastSearch: true });
    const found = ["file a.ts", "file b/c.ts", "file b/d/e.ts", "file new%0Aline.ts", "file node_modules/x/y.ts"];
    expect(await there.find("**/*.ts")).toEqual(found);
    expect(await there.find("**/*.ts", { ignore: ["**/node_modules", "b/d/*"] })).toEqual([
      "file a.ts",
      "file b/c.ts",
      "file new%0Aline.ts",
    ]);
    expect(await there.find("**/*.ts", { includeHidden: true })).toEqual(["file .git/z.ts", ...found]);
    expect(await there.find(".git/*")).toEqual(["file .git/z.ts"]);
    expect(await there.find("b/**")).toEqual(["file b/c.ts", "directory b/d", "file b/d/e.ts", "file b/d/f.js"]);
    expect(await there.find("**", {}, { kinds: ["directory"] })).toEqual([
      "directory b",
      "directory b/d",
      "directory node_modules",
      "directory node_modules/x",
    ]);
    expect(await there.find(["*.ts", "b/{c,d/f}.{ts,js}"])).toEqual([
      "file a.ts",
      "file b/c.ts",
      "file b/d/f.js",
      "file new%0Aline.ts",
    ]);
    expect(await there.find("nothing/here/*")).toEqual([]);
  });

  test("come page by page, the next where the last one ended, whatever happened meanwhile", async () => {
    await using there = await scene(TREE);
    const filter = { patterns: ["**"], includeHidden: true };
    const whole = await there.find("**", { includeHidden: true });
    for (const maxEntries of [1, 2, 3, 5]) {
      expect(await there.find("**", { includeHidden: true }, { maxEntries })).toEqual(whole);
    }
    const { cursor } = await there.page("findFiles", { filter, maxEntries: 5 });
    const { rm } = await import("node:fs/promises");
    await rm(there.folder.join("b"), { recursive: true });
    const { entries } = await there.page("findFiles", { filter, cursor });
    expect(entries.map(({ path }) => path.split("/").at(-1))).toEqual(["new%0Aline.ts", "node_modules", "x", "y.ts"]);
  });

  test("are found among many, in answers of a bounded size", async () => {
    await using there = await scene();
    for (let n = 0; n < 100; n += 1) mkdirSync(there.folder.join(`d${n}`));
    for (let n = 0; n < 10_000; n += 1) writeFileSync(there.folder.join(`d${n % 100}`, `f${n}.txt`), "");
    const all = await there.pages("findFiles", { filter: { patterns: ["**/*.txt"] } });
    expect(new Set(all.flatMap(({ entries }) => entries.map(({ path }) => path))).size).toBe(10_000);
    expect(Math.max(...all.map(({ entries }) => entries.length))).toBeLessThanOrEqual(8_192);
    expect(await there.find("**/f9999.txt")).toEqual(["file d99/f9999.txt"]);
  });

  test("with links are told as links, or followed, but never round in a circle", async () => {
    await using there = await scene({ "d/f": "", "e/": "" });
    const { folder } = there;
    symlinkSync("../d", folder.join("e", "to-d"));
    symlinkSync("..", folder.join("e", "up"));
    symlinkSync("nowhere", folder.join("e", "lost"));
    expect(await there.find("e/**")).toEqual(["symlink e/lost", "symlink e/to-d", "symlink e/up"]);
    expect(await there.find("**", { followSymlinks: true })).toEqual([
      "directory d",
      "file d/f",
      "directory e",
      "symlink e/lost",
      "directory e/to-d",
      "file e/to-d/f",
      "directory e/up",
    ]);
  });

  test("may have names of 255 bytes and of no UTF-8, which wildcards match", async () => {
    await using there = await scene();
    const raw = Buffer.concat([Buffer.from(`${there.folder.path}/`), Buffer.from([0x61, 0xff, 0x62])]);
    writeFileSync(raw, "");
    writeFileSync(there.folder.join("n".repeat(255)), "");
    expect(await there.find("a?b")).toEqual(["file a%FFb"]);
    expect(await there.find("*")).toEqual(["file a%FFb", `file ${"n".repeat(255)}`]);
  });

  test("are refused where a pattern, a bound or a cursor is none, or there is no folder", async () => {
    await using there = await scene({ f: "" });
    const invalid = (text: string) => refusal(-32600, expect.stringContaining(text));
    await expect(there.find("../*")).rejects.toThrow(invalid("`patterns`"));
    await expect(there.find("*", { ignore: ["[z-a]"] })).rejects.toThrow(invalid("`ignore`"));
    await expect(there.find("{a,b}".repeat(30))).rejects.toThrow(invalid("1024"));
    await expect(there.find("*", {}, { maxEntries: 0 })).rejects.toThrow(invalid("`maxEntries`"));
    await expect(there.find("*", {}, { cursor: "../../etc" })).rejects.toThrow(invalid("`cursor`"));
    await expect(there.find("*", {}, { path: `${there.root}/f` })).rejects.toThrow(
      refusal(-32603, expect.stringContaining("Not a directory")),
    );
    await expect(there.find("*", {}, { path: `${there.root}/no` })).rejects.toThrow(refusal(-32004, expect.anything()));
  });
});

describe("lines of text", () => {
  const TEXTS = {
    "a.txt": "one\ntwo words\r\n\nTwo $1.50 two\n",
    "b/c.txt": "no\nlast two",
    binary: "two\0two",
    "d.txt": "zwei grüße 😀 two",
  };

  test("are found by the text itself, with where they are", async () => {
    await using there = await scene(TEXTS);
    expect(await there.search("two")).toEqual([
      "a.txt:2:1:two words",
      "a.txt:4:11:Two $1.50 two",
      "b/c.txt:2:6:last two",
      "d.txt:1:15:zwei grüße 😀 two",
    ]);
    expect(await there.search("$1.50")).toEqual(["a.txt:4:5:Two $1.50 two"]);
    expect(await there.search("TWO", { ignoreCase: true })).toHaveLength(4);
    expect(await there.search("two", { filter: { patterns: ["*.txt"], ignore: ["d*"] } })).toHaveLength(2);
    expect(await there.search("nothing of it")).toEqual([]);
  });

  test("are found by regular expressions", async () => {
    await using there = await scene(TEXTS);
    expect(await there.search("^\\w+ two$", { isRegex: true })).toEqual(["b/c.txt:2:1:last two"]);
    expect(await there.search("\\p{Emoji_Presentation}", { isRegex: true })).toEqual(["d.txt:1:12:zwei grüße 😀 two"]);
    // Valid without the flag for whole characters only.
    expect(await there.search("\\$1\\.50\\ two", { isRegex: true })).toEqual(["a.txt:4:5:Two $1.50 two"]);
    const broken = there.search("(", { isRegex: true });
    await expect(broken).rejects.toThrow(refusal(-32600, expect.stringContaining("`pattern` can not be used")));
    await expect(there.search("a\nb")).rejects.toThrow(refusal(-32600, expect.stringContaining("line by line")));
    await expect(there.search("")).rejects.toThrow(refusal(-32600, expect.stringContaining("empty")));
  });

  test("come page by page, also from the middle of a file", async () => {
    const many = Array.from({ length: 3_000 }, (_, n) => `line ${n}`).join("\n");
    await using there = await scene({ f: many, g: "line of another" });
    const all = await there.pages("searchText", { filter: { patterns: ["**"] }, pattern: "line" });
    expect(all.map(({ matches }) => matches.length)).toEqual([1_024, 1_024, 953]);
    const lines = await there.search("line", { maxMatches: 700 });
    expect(lines).toHaveLength(3_001);
    expect(new Set(lines).size).toBe(3_001);
  });

  test("are cut around the match where they are long", async () => {
    await using there = await scene({ f: `${"x".repeat(50_000)}needle${"😀".repeat(50_000)}` });
    const { matches } = await there.page("searchText", { filter: { patterns: ["**"] }, pattern: "needle" });
    const [match] = matches;
    expect(match).toMatchObject({ column: 50_001, length: 6 });
    expect(match?.text).toHaveLength(1_024);
    expect(match?.text.slice(50_001 - (match?.textColumn ?? 0)).startsWith("needle😀")).toBe(true);
  });

  test("of files that are too large, or may not be read, are told as problems", async () => {
    await using there = await scene({ large: "needle ".repeat(1_000), small: "needle" });
    const request = { filter: { patterns: ["**"] }, pattern: "needle", maxFileBytes: 1_000 };
    const { matches, problems } = await there.page("searchText", request);
    expect(matches).toHaveLength(1);
    expect(problems).toEqual([{ path: `${there.root}/large`, message: "not searched: it has more than 1000 bytes" }]);
  });

  test("a pattern that explodes is broken off, and holds up nobody", async () => {
    await using there = await scene({ f: `${"a".repeat(40)}!` });
    const exploding = there.search("^(a+)+$", { isRegex: true });
    const answers: string[] = [];
    const others = (async () => {
      for (let n = 0; n < 5; n += 1) answers.push((await there.line.call("environment/status")).status);
    })();
    await Promise.race([others, exploding.catch(() => {})]);
    expect(answers).toHaveLength(5);
    await expect(exploding).rejects.toThrow(refusal(-32600, expect.stringContaining("took more than 1 s")));
    expect(await there.search("a")).toHaveLength(1);
  });
});

describe.skipIf(!canConfine)("under a sandbox", () => {
  test("files and lines are found where the profile lets them be read", async () => {
    using inside = workspace();
    using outside = workspace();
    plant({ join: (...names) => inside.at(...names) }, { "a.txt": "needle", "d/b.txt": "needle" });
    plant({ join: (...names) => outside.at(...names) }, { "secret.txt": "needle" });
    symlinkSync(outside.path, inside.at("out"));
    await using line = await Line.ready();
    const sandbox = minimalWrite(inside.path);
    const filter = { patterns: ["**/*.txt"], followSymlinks: true };
    const { entries } = await line.call("holdfast/findFiles", { path: inside.uri, filter, sandbox });
    expect(entries.map(({ path }: { path: string }) => path)).toEqual([
      inside.uriOf("a.txt"),
      inside.uriOf("d", "b.txt"),
    ]);
    const search = { path: inside.uri, filter, pattern: "n.*e", isRegex: true, sandbox };
    const { matches } = await line.call("holdfast/searchText", search);
    expect(matches.map(({ text }: { text: string }) => text)).toEqual(["needle", "needle"]);
    const beyond = line.call("holdfast/searchText", { ...search, path: outside.uri });
    await expect(beyond).rejects.toThrow(refusal(expect.any(Number), expect.any(String)));
    writeFileSync(inside.at("a.txt"), `${"a".repeat(40)}!`);
    const exploding = line.call("holdfast/searchText", { ...search, pattern: "^(a+)+$" });
    await expect(exploding).rejects.toThrow(refusal(-32600, expect.stringContaining("took more than 1 s")));
  });
});
