import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { type OpenHost, openHost } from "../open-host.ts";
import { refusalOf } from "../refusal-of.ts";

function lay(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

function isInRepository(folder: string): boolean {
  return existsSync(join(folder, ".git")) || (folder !== dirname(folder) && isInRepository(dirname(folder)));
}

async function pathsOf(client: Awaited<ReturnType<OpenHost["client"]>>, query: string, ...roots: string[]) {
  const { files } = await client.fuzzyFileSearch({ query, roots });
  return files.map(({ path }) => path).toSorted();
}

describe("a search for files", () => {
  test("finds files and folders below a folder, hidden ones and those behind links too", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const folder = host.cwd;
    lay(folder, { "src/main.rs": "", ".hidden/main.x": "", "real/main.md": "", "other.txt": "" });
    symlinkSync("real", join(folder, "link"));
    symlinkSync("..", join(folder, "src", "up"));
    symlinkSync("nothing", join(folder, "main-nowhere"));
    expect(await pathsOf(client, "main", folder)).toEqual([
      ".hidden/main.x",
      "link/main.md",
      "real/main.md",
      "src/main.rs",
    ]);
    // Nor is a link that leads back.
    expect(await pathsOf(client, "up", folder)).toEqual([]);
    const { files } = await client.fuzzyFileSearch({ query: "src", roots: [folder] });
    expect(files[0]).toEqual({
      root: folder,
      path: "src",
      match_type: "directory",
      file_name: "src",
      score: 131_156,
      indices: [0, 1, 2],
    });
    // As the client named it.
    const { files: near } = await client.fuzzyFileSearch({ query: "other", roots: ["."] });
    expect(near).toMatchObject([{ root: ".", path: "other.txt", match_type: "file", file_name: "other.txt" }]);
  });

  test("finds nothing without a query, a folder, or one that is there", async () => {
    await using host = await openHost();
    await using client = await host.client();
    lay(host.cwd, { f: "" });
    expect(await pathsOf(client, "", host.cwd)).toEqual([]);
    expect(await pathsOf(client, "f")).toEqual([]);
    expect(await pathsOf(client, "f", "/nothing/there")).toEqual([]);
    expect(await pathsOf(client, "f", "/nothing/there", host.cwd)).toEqual(["f"]);
  });

  test("leaves out what ignore files say, those of git in a repository alone", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const [repository, plain] = [join(host.cwd, "repository"), join(host.cwd, "plain")];
    const files = {
      ".gitignore": "*.log\n!keep.log\ntarget/\n",
      ".ignore": "*.tmp\n",
      "a.log": "",
      "keep.log": "",
      "a.tmp": "",
      "target/a.bin": "",
      "src/a.log": "",
      "src/a.rs": "",
    };
    lay(plain, files);
    lay(repository, { ...files, ".git/a-config": "" });
    expect(await pathsOf(client, "^a", repository)).toEqual([]);
    expect(await pathsOf(client, "a", repository)).toEqual(["src/a.rs"]);
    const everything = ["a.log", "src/a.log", "src/a.rs", "target", "target/a.bin"];
    // Where tests are run may be a repository itself.
    expect(await pathsOf(client, "a", plain)).toEqual(isInRepository(plain) ? ["src/a.rs"] : everything);
    // Below a repository its rules hold as well.
    expect(await pathsOf(client, "a", join(repository, "src"))).toEqual(["a.rs"]);
  });

  test("tells each file below the nearest of several folders", async () => {
    await using host = await openHost();
    await using client = await host.client();
    lay(host.cwd, { "src/lib/mod.rs": "", "mod.md": "" });
    const src = join(host.cwd, "src");
    const { files } = await client.fuzzyFileSearch({ query: "mod", roots: [host.cwd, src] });
    expect(files.map(({ root, path }) => [root, path])).toEqual([
      [src, "lib/mod.rs"],
      [host.cwd, "mod.md"],
    ]);
  });

  test("is bounded in what it is asked", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const call = (params: object) => refusalOf(client.call("fuzzyFileSearch", params));
    expect(await call({ query: "q".repeat(1_025), roots: [] })).toEqual({
      code: -32602,
      message: "fuzzyFileSearch query must have at most 1024 characters, got 1025",
    });
    expect(await call({ query: "q", roots: Array.from({ length: 65 }, () => "/") })).toEqual({
      code: -32602,
      message: "fuzzyFileSearch takes at most 64 roots, got 65",
    });
  });

  test("that another one of its token takes the place of is answered", async () => {
    await using host = await openHost();
    await using client = await host.client();
    lay(host.cwd, { f: "" });
    const search = () => client.fuzzyFileSearch({ query: "f", roots: [host.cwd], cancellationToken: "t" });
    const [first, second] = await Promise.all([search(), search()]);
    expect(first.files.length).toBeLessThanOrEqual(1);
    expect(second.files.map(({ path }) => path)).toEqual(["f"]);
  });
});

test("more searches than may list folders at a time are all answered", async () => {
  await using host = await openHost();
  await using client = await host.client();
  lay(host.cwd, Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`${index}/f`, ""])));
  const searches = Array.from({ length: 40 }, () => client.fuzzyFileSearch({ query: "f", roots: [host.cwd] }));
  for (const { files } of await Promise.all(searches)) expect(files).toHaveLength(50);
});

describe("a search as its user types", () => {
  test("is told what is found for the latest query, and when that is all", async () => {
    await using host = await openHost();
    await using client = await host.client();
    lay(host.cwd, { "one.txt": "", "other.txt": "" });
    const told: string[] = [];
    client.on("fuzzyFileSearch/sessionUpdated", ({ sessionId, query, files }) => {
      told.push(`${sessionId} "${query}" ${files.map(({ path }) => path)}`);
    });
    client.on("fuzzyFileSearch/sessionCompleted", ({ sessionId }) => told.push(`${sessionId} completed`));
    const next = async () => {
      await until(() => told.at(-1)?.endsWith("completed"));
      return told.splice(0);
    };
    expect(await client.fuzzyFileSearch.sessionStart({ sessionId: "s", roots: [host.cwd] })).toEqual({});
    expect(await next()).toEqual(['s "" ', "s completed"]);
    expect(await client.fuzzyFileSearch.sessionUpdate({ sessionId: "s", query: "one" })).toEqual({});
    expect(await next()).toEqual(['s "one" one.txt', "s completed"]);
    // What comes later is not listed anew.
    lay(host.cwd, { "one-more.txt": "" });
    await client.fuzzyFileSearch.sessionUpdate({ sessionId: "s", query: "one" });
    expect(await next()).toEqual(['s "one" one.txt', "s completed"]);
    await client.fuzzyFileSearch.sessionUpdate({ sessionId: "s", query: "nothing" });
    expect(await next()).toEqual(['s "nothing" ', "s completed"]);
    // Begun anew it is.
    await client.fuzzyFileSearch.sessionStart({ sessionId: "s", roots: [host.cwd] });
    await client.fuzzyFileSearch.sessionUpdate({ sessionId: "s", query: "one-more" });
    await until(() => told.some((line) => line === 's "one-more" one-more.txt'));
  });

  test("ends when it is stopped, which can be said twice", async () => {
    await using host = await openHost();
    await using client = await host.client();
    await client.fuzzyFileSearch.sessionStart({ sessionId: "s", roots: [host.cwd] });
    expect(await client.fuzzyFileSearch.sessionStop({ sessionId: "s" })).toEqual({});
    expect(await client.fuzzyFileSearch.sessionStop({ sessionId: "s" })).toEqual({});
    expect(await refusalOf(client.call("fuzzyFileSearch/sessionUpdate", { sessionId: "s", query: "x" }))).toEqual({
      code: -32600,
      message: "fuzzy file search session not found: s",
    });
  });

  test("is refused without an id or a folder, and beyond a number", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const start = (sessionId: string, roots: readonly string[]) =>
      client.call("fuzzyFileSearch/sessionStart", { sessionId, roots });
    expect(await refusalOf(start("", [host.cwd]))).toEqual({ code: -32600, message: "sessionId must not be empty" });
    expect(await refusalOf(start("n", []))).toEqual({
      code: -32603,
      message: "failed to start fuzzy file search session: at least one search directory is required",
    });
    for (let count = 0; count < 4; count += 1) await start(String(count), [host.cwd]);
    expect(await refusalOf(start("more", [host.cwd]))).toEqual({
      code: -32600,
      message: "a client can have 4 fuzzy file search sessions; stop one of them first",
    });
    expect(await start("3", [host.cwd])).toEqual({});
  });
});
