import { describe, expect, test } from "vitest";
import type { Executor } from "../../src/executor.ts";
import { SearchPages } from "../../src/filesystem/search-pages.ts";
import { collectAll, connected } from "../support/connected.ts";
import { type Handler, Refusal } from "../support/fake-exec-server.ts";

/** A client of an executor that finds `count` files, in pages of what it is asked for, at most three. */
function finding(count: number, handlers: Record<string, Handler> = {}) {
  const shell = { name: "sh", path: "/bin/sh" };
  const info = { shell, platformOs: "linux", cwd: "file:///repo", capabilities: { holdfastSearch: true } };
  return connected({
    initialize: () => ({ sessionId: "s", environmentInfo: info }),
    "holdfast/findFiles": (params) => {
      const asked = params as unknown as { path: string; cursor?: string; maxEntries: number };
      const { path, cursor = "0", maxEntries } = asked;
      const from = Number(cursor);
      const to = Math.min(count, from + Math.min(3, maxEntries));
      const entries = Array.from({ length: to - from }, (_, n) => ({
        path: `${path}/f${from + n}`,
        kind: "file",
      }));
      const problems = from === 0 ? [{ path: "file:///repo/closed", message: "Permission denied (os error 13)" }] : [];
      return { entries, problems, ...(to < count ? { cursor: String(to) } : {}) };
    },
    ...handlers,
  });
}

function invalid(argument: string) {
  return expect.objectContaining({ name: "InvalidArgumentError", argument });
}

describe("files by patterns", () => {
  test("come page by page, each asked for when the one before was read", async () => {
    await using line = await finding(7);
    const problems: unknown[] = [];
    const onProblem = (problem: unknown) => problems.push(problem);
    const found = line.executor.fs.glob(["a", "b"], { ignore: "c", includeHidden: true, kinds: ["file"], onProblem });
    expect(line.server.of("holdfast/findFiles")).toEqual([]);
    expect(await found.next()).toEqual({
      done: false,
      value: { path: "/repo/f0", uri: "file:///repo/f0", kind: "file" },
    });
    expect(line.server.of("holdfast/findFiles")).toEqual([
      {
        path: "file:///repo",
        filter: { patterns: ["a", "b"], ignore: ["c"], includeHidden: true, followSymlinks: false },
        kinds: ["file"],
        maxEntries: 8_192,
      },
    ]);
    expect(await collectAll(found)).toHaveLength(6);
    expect(line.server.of("holdfast/findFiles").map(({ cursor }) => cursor)).toEqual([undefined, "3", "6"]);
    expect(problems).toEqual([{ path: "/repo/closed", message: "Permission denied (os error 13)" }]);
  });

  test("are looked for no more when the loop is left, or there are enough", async () => {
    await using line = await finding(100);
    for await (const { path } of line.executor.fs.glob("**")) if (path === "/repo/f4") break;
    expect(line.server.of("holdfast/findFiles")).toHaveLength(2);
    expect(await collectAll(line.executor.fs.glob("**", { limit: 5, cwd: "/elsewhere" }))).toHaveLength(5);
    expect(line.server.of("holdfast/findFiles").slice(2)).toMatchObject([
      { path: "file:///elsewhere", maxEntries: 5 },
      { maxEntries: 2 },
    ]);
    expect(await collectAll(line.executor.fs.glob("**", { limit: 0 }))).toEqual([]);
  });

  test("end with the signal, also in the middle of a page", async () => {
    await using line = await finding(100);
    const giveUp = new AbortController();
    const reason = new Error("enough");
    const found = line.executor.fs.glob("**", { signal: giveUp.signal });
    await found.next();
    giveUp.abort(reason);
    await expect(found.next()).rejects.toMatchObject({ name: "AbortError", cause: reason });
    expect(await found.next()).toEqual({ done: true, value: undefined });
  });

  test("fail by the name of the error, and what can not be asked for fails at once", async () => {
    await using line = await finding(0, {
      "holdfast/findFiles": () => {
        throw new Refusal(-32004, "No such file or directory (os error 2)");
      },
    });
    const { fs } = line.executor;
    await expect(collectAll(fs.glob("*"))).rejects.toMatchObject({ code: "ENOENT", method: "fs.glob", path: "/repo" });
    expect(() => fs.glob("../*")).toThrow(invalid("patterns"));
    expect(() => fs.glob("*", { ignore: ["/x"] })).toThrow(invalid("ignore"));
    expect(() => fs.glob(5 as unknown as string)).toThrow(invalid("patterns"));
    expect(() => fs.glob("*", { limit: -1 })).toThrow(invalid("limit"));
    expect(() => fs.glob("*", { cwd: "relative" })).toThrow(invalid("cwd"));
    expect(() => fs.search("")).toThrow(invalid("pattern"));
    expect(() => fs.search("a\nb")).toThrow(invalid("pattern"));
    expect(() => fs.search(/x/y)).toThrow(invalid("pattern"));
    expect(() => fs.search("x", { glob: "[z-a]" })).toThrow(invalid("glob"));
    expect(() => fs.search("x", { maxFileBytes: 0 })).toThrow(invalid("maxFileBytes"));
  });
});

describe("an executor that does not get on with a search", () => {
  test.each([
    ["holdfast/findFiles", "entries", (executor: Executor) => executor.fs.glob("**")],
    ["holdfast/searchText", "matches", (executor: Executor) => executor.fs.search("x")],
  ] as const)("ends %s by an error when it leads back to where it was", async (method, member, search) => {
    await using line = await finding(0, { [method]: () => ({ [member]: [], problems: [], cursor: "again" }) });
    await expect(collectAll<unknown>(search(line.executor))).rejects.toMatchObject({
      name: "InvalidMessageError",
      method,
      memberPath: "cursor",
    });
    expect(line.server.of(method)).toHaveLength(2);
    expect(line.executor.state).toBe("connected");
  });

  test("may tell nothing for as long as an honest one has to look, and no longer", () => {
    const pages = new SearchPages("holdfast/findFiles");
    for (let page = 0; page < 100_000; page += 1) expect(pages.advance(`${page}`, 0)).toBe(true);
    expect(pages.advance("found", 1)).toBe(true);
    for (let page = 0; page < 100_000; page += 1) pages.advance(`${page}`, 0);
    expect(() => pages.advance("more", 0)).toThrow(/more than 100000 pages in a row have told nothing/);
  });
});

test("lines are asked for by a text, or by an expression with its flag", async () => {
  const match = { path: "file:///repo/f", lineNumber: 1, column: 2, length: 3, text: " two", textColumn: 1 };
  await using line = await finding(0, { "holdfast/searchText": () => ({ matches: [match], problems: [] }) });
  const { fs } = line.executor;
  expect(await collectAll(fs.search("two."))).toEqual([{ ...match, path: "/repo/f", uri: "file:///repo/f" }]);
  await collectAll(fs.search(/two/gi, { glob: "*.ts", maxMatches: 7, maxFileBytes: 10 }));
  const tree = { ignore: [], includeHidden: false, followSymlinks: false };
  expect(line.server.of("holdfast/searchText")).toEqual([
    {
      path: "file:///repo",
      filter: { patterns: ["**"], ...tree },
      pattern: "two.",
      isRegex: false,
      ignoreCase: false,
      maxMatches: 1_024,
    },
    {
      path: "file:///repo",
      filter: { patterns: ["*.ts"], ...tree },
      pattern: "two",
      isRegex: true,
      ignoreCase: true,
      maxFileBytes: 10,
      maxMatches: 7,
    },
  ]);
});
