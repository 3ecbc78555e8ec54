import { existsSync, readdirSync, renameSync, symlinkSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from "node:fs/promises";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { holdfast, lines } from "../support/cli.ts";
import { type Claim, hostileExecutor, type Lies } from "../support/hostile-executor.ts";

const top: Claim = { path: "", type: "d" };
const MIB = 1024 * 1024;

/** A folder with a place to copy to, and something beside it that no copy has any business with. */
async function playground() {
  const folder = await tempDir();
  await mkdir(folder.join("home", "work"), { recursive: true });
  await writeFile(folder.join("home", "precious"), "good");
  await chmod(folder.join("home", "precious"), 0o600);
  await chmod(folder.join("home"), 0o750);
  return Object.assign(folder, {
    work: folder.join("home", "work"),
    async isUntouched(): Promise<boolean> {
      const [text, file, home] = await Promise.all([
        readFile(folder.join("home", "precious"), "utf8"),
        stat(folder.join("home", "precious")),
        stat(folder.join("home")),
      ]);
      const names = (await readdir(folder.join("home"))).toSorted();
      const modes = [file.mode & 0o777, home.mode & 0o777];
      return text === "good" && `${modes}` === `${[0o600, 0o750]}` && `${names}` === "precious,work";
    },
  });
}

async function attacked(lies: Lies) {
  const [place, executor] = await Promise.all([playground(), hostileExecutor(lies)]);
  const cp = (...args: string[]) => holdfast(["cp", "--url", executor.url, ...args], { cwd: place.work });
  const dispose = async (): Promise<void> => {
    await executor[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  };
  return { place, executor, cp, [Symbol.asyncDispose]: dispose };
}

describe("a name that the executor tells", () => {
  test.each(["file:///srv/..%2F..%2Fprecious", "file:///srv/..%2Fprecious", "file:///srv/x%2F..%2F..%2Fprecious"])(
    "leads to no other folder: %s",
    async (cwd) => {
      await using it = await attacked({ cwd });
      for (const args of [
        ["remote:.", "."],
        ["-r", "remote:.", "."],
        ["remote:", "sub/.."],
        ["-r", "remote:", "."],
      ]) {
        await it.cp(...args);
        expect(await it.place.isUntouched()).toBe(true);
      }
    },
  );

  test("is asked for only where the user wrote none", async () => {
    await using it = await attacked({ cwd: "file:///srv/other" });
    expect(await it.cp("remote:name", ".")).toMatchObject({ code: 0, stderr: "" });
    expect(await it.cp("-r", "remote:sub/name2/", ".")).toMatchObject({ code: 0, stderr: "" });
    expect((await readdir(it.place.work)).toSorted()).toEqual(["name", "name2"]);
  });

  test("is refused where there is none", async () => {
    await using it = await attacked({ cwd: "file:///" });
    const { code, stderr } = await it.cp("remote:", ".");
    expect([code, lines(stderr)]).toEqual([
      1,
      [expect.stringMatching(/remote: has no name of its own; name the local/)],
    ]);
    expect(await readdir(it.place.work)).toEqual([]);
  });

  test.each(["../precious", "sub/../../precious", "/etc/x", "a//b", ".", "..", "a/", "./a"])(
    "ends the copy when it stands in a listing: %j",
    async (path) => {
      await using it = await attacked({ metadata: "folder", listing: [top, { path, type: "f" }] });
      const { code, stderr } = await it.cp("-r", "remote:tree", ".");
      expect([code, lines(stderr)]).toEqual([1, [expect.stringMatching(/lists a path that is none/)]]);
      expect(await readdir(it.place.work)).toEqual([]);
    },
  );

  test.each([
    ["too long", "x".repeat(256), /lists a path that is none/],
    ["twice", "twice", /lists one path twice/],
    ["of a size beyond numbers", "large", /too many files/],
  ])("ends the copy when it is %s", async (what, path, message) => {
    const claim: Claim = { path, type: "f", size: what.startsWith("of") ? "9".repeat(400) : 4 };
    await using it = await attacked({ metadata: "folder", listing: [top, claim, claim] });
    const { code, stderr } = await it.cp("-r", "remote:tree", ".");
    expect([code, lines(stderr)]).toEqual([1, [expect.stringMatching(message)]]);
    expect(await readdir(it.place.work)).toEqual([]);
  });

  test("is left out where it is deeper than any system goes, and the rest is copied", async () => {
    const names = Array.from({ length: 3_000 }, () => "d");
    const deep = names.map((_, index): Claim => ({ path: names.slice(0, index + 1).join("/"), type: "d" }));
    const listing = [top, ...deep, { path: "kept", type: "f", content: "kept" } as const];
    await using it = await attacked({ metadata: "folder", listing });
    const { code, stderr } = await it.cp("-r", "remote:tree", ".");
    expect(code).toBe(1);
    expect(lines(stderr)[0]).toMatch(/a path of more than 3\d\d\d bytes is left out/);
    expect(await readFile(`${it.place.work}/tree/kept`, "utf8")).toBe("kept");
  });
});

describe("a link that an executor sends", () => {
  const link = (target: string): Lies => ({
    metadata: "folder",
    listing: [top, { path: "docs", type: "l", mode: "777", target }],
  });
  const folder: Lies = {
    metadata: "folder",
    listing: [
      top,
      { path: "docs", type: "d", mode: "777" },
      { path: "docs/precious", type: "f", mode: "666", content: "evil" },
      { path: "docs/sub", type: "d", mode: "777" },
      { path: "docs/sub/file", type: "f", content: "evil" },
      { path: "docs/evil", type: "l", target: "/" },
      { path: "kept", type: "f", content: "kept" },
    ],
  };

  test("leads no second copy out of the folder: what is below it is one problem", async () => {
    await using it = await attacked(link(".."));
    expect((await it.cp("-r", "remote:tree/.", ".")).code).toBe(0);
    expect(await readlink(`${it.place.work}/docs`)).toBe("..");
    it.executor.lies = folder;
    const { code, stderr } = await it.cp("-r", "remote:tree/.", ".");
    expect([code, lines(stderr)]).toEqual([
      1,
      [expect.stringMatching(/cannot put docs in place: file already exists/)],
    ]);
    expect(await readFile(`${it.place.work}/kept`, "utf8")).toBe("kept");
    expect(await it.place.isUntouched()).toBe(true);
    expect((await readdir(it.place.work)).toSorted()).toEqual(["docs", "kept"]);
  });

  test("is not followed under the name of the source or of the destination, by files and folders alike", async () => {
    await using it = await attacked(link(".."));
    await symlink("..", `${it.place.work}/tree`);
    await symlink("../precious", `${it.place.work}/file`);
    await symlink("../precious", `${it.place.work}/to-file`);
    await symlink("..", `${it.place.work}/to-folder`);
    for (const [args, lies] of [
      [["remote:file", "to-file"], {}],
      [["remote:file", "to-folder"], {}],
      [["-r", "remote:tree", "to-folder"], folder],
      [["-r", "remote:tree/.", "to-folder"], folder],
      [["-r", "remote:tree", "."], folder],
      [["remote:file", "."], {}],
      [["-r", "remote:file", "."], {}],
    ] as const) {
      it.executor.lies = lies;
      const { code, stderr } = await it.cp(...args);
      expect([code, lines(stderr)]).toEqual([1, [expect.stringMatching(/is a link to .*; name what it leads to/)]]);
      expect(await it.place.isUntouched()).toBe(true);
    }
    expect((await readdir(it.place.work)).toSorted()).toEqual(["file", "to-file", "to-folder", "tree"]);
  });

  test("stands where a file was, and is replaced by one", async () => {
    await using it = await attacked({ metadata: "folder", listing: [top, { path: "x", type: "f", content: "new" }] });
    await symlink("../precious", `${it.place.work}/x`);
    expect(await it.cp("-r", "remote:tree/.", ".")).toMatchObject({ code: 0, stderr: "" });
    expect(await readFile(`${it.place.work}/x`, "utf8")).toBe("new");
    expect(await it.place.isUntouched()).toBe(true);
  });
});

describe.runIf(process.platform === "linux")("somebody who may write to the destination, too", () => {
  const listing: readonly Claim[] = [
    top,
    { path: "a", type: "f", content: "a" },
    { path: "sub", type: "d", mode: "777" },
    { path: "sub/precious", type: "f", mode: "666", content: "evil" },
    { path: "sub/deep", type: "d", mode: "777" },
    { path: "sub/deep/file", type: "f", content: "evil" },
  ];

  test.each([
    ["a folder that is put together", (work: string) => `${work}/${staged(work)}/sub`],
    ["the whole folder that is put together", (work: string) => `${work}/${staged(work)}`],
    ["a folder that is merged with", (work: string) => `${work}/sub`],
  ])("swaps a link into %s, and nothing outside is written or changed", async (_, victim) => {
    for (const when of listing.filter(({ type }) => type === "f")) {
      await using it = await attacked({ metadata: "folder", listing });
      const { work } = it.place;
      await mkdir(`${work}/sub`);
      it.executor.lies = {
        ...it.executor.lies,
        onOpen: (path) => {
          const swapped = victim(work);
          if (!path.endsWith(`/${when.path}`) || !existsSync(swapped)) return;
          renameSync(swapped, `${swapped}.old`);
          symlinkSync(it.place.join("home"), swapped);
        },
      };
      const { code } = await it.cp("-r", "remote:tree/.", ".");
      expect(code).toBeLessThan(2);
      expect(await it.place.isUntouched()).toBe(true);
    }
  });

  test("swaps a link into the part of a file, and nothing outside gets its bytes or its mode", async () => {
    await using it = await attacked({});
    const { work } = it.place;
    it.executor.lies = {
      onOpen: () => {
        renameSync(`${work}/${staged(work)}`, `${work}/old`);
        symlinkSync(it.place.join("home", "precious"), `${work}/${staged(work, "old")}`);
      },
    };
    const { code, stderr } = await it.cp("remote:file", "file");
    expect([code, lines(stderr)]).toEqual([1, [expect.stringMatching(/something else writes in that folder/)]]);
    expect(await it.place.isUntouched()).toBe(true);
  });
});

const names = new Map<string, string>();

/** The name of what a copy puts together in a folder; as it was the last time where it is there no more. */
function staged(folder: string, moved?: string): string {
  const found = moved === undefined ? readdirSync(folder).find((name) => name.startsWith(".holdfast-")) : undefined;
  if (found !== undefined) names.set(folder, found);
  return names.get(folder) ?? "none";
}

describe("sizes that an executor tells", () => {
  test("bound what one file brings", async () => {
    await using it = await attacked({ listing: [{ path: "file", type: "f", isEndless: true }], size: 5 });
    const { code, stderr } = await it.cp("remote:file", ".");
    expect([code, lines(stderr)]).toEqual([1, [expect.stringMatching(/it does not end: the executor told 5 bytes/)]]);
    expect(it.executor.sentBytes).toBeLessThan(100 * MIB);
    expect(await readdir(it.place.work)).toEqual([]);
  });

  test("bound what all files of a folder bring together", async () => {
    const files = [1, 2, 3, 4, 5].map((id): Claim => ({ path: `file${id}`, type: "f", isEndless: true }));
    const listing = [top, ...files, { path: "good", type: "f", content: "good" } as const];
    await using it = await attacked({ metadata: "folder", listing });
    const { code, stderr } = await it.cp("-r", "remote:tree", ".");
    expect(code).toBe(1);
    expect(lines(stderr)).toEqual(
      Array(5).fill(expect.stringMatching(/cannot copy remote:tree\/file\d: it does not end/)),
    );
    expect(it.executor.sentBytes).toBeLessThan(200 * MIB);
    expect(await readdir(`${it.place.work}/tree`)).toEqual(["good"]);
  });

  test("leave room for a file that tells none, and one that grows", async () => {
    const content = "x".repeat(900_000);
    await using it = await attacked({ listing: [{ path: "file", type: "f", content }], size: 0 });
    expect(await it.cp("remote:file", ".")).toMatchObject({ code: 0, stderr: "" });
    expect((await stat(`${it.place.work}/file`)).size).toBe(900_000);
  });
});

describe("texts of an executor", () => {
  const ESCAPES = "\u001b]52;c;ZWNobw==\u0007\u001b[2J\u009b1m\u202e\u2028\u007f\r";
  const STEERING = /[^\P{Cc}\n]|[\u2028-\u202e\u2066-\u2069]/u;

  test.each([
    ["an error", { error: `no${ESCAPES}` }, ["cp", "remote:x", "."]],
    ["an error about a folder", { error: `no${ESCAPES}` }, ["cp", "-r", "remote:x", "."]],
    ["an error of a command", { error: `no${ESCAPES}` }, ["exec", "--stdin=none", "--", "true"]],
    ["its version and folder", { version: ESCAPES, cwd: "file:///%1B%5D0;x%07" }, ["info"]],
    ["the same as JSON", { version: ESCAPES, cwd: "file:///%1B%5D0;x%07" }, ["info", "--json"]],
    ["an ID", { sessionId: `id${ESCAPES}\nforged` }, ["exec", "--detach", "--", "true"]],
    ["a stack", { error: `no${ESCAPES}` }, ["cp", "--debug", "remote:x", "."]],
    [
      "names, and what find complains about",
      {
        metadata: "folder",
        listing: [top, { path: `p${ESCAPES}`, type: "p" }],
        findSays: `find: ${ESCAPES}: No\nfind: two\n`,
      } as const,
      ["cp", "-r", "remote:x", "."],
    ],
  ])("do not steer the terminal: %s", async (_, lies, [command = "", ...args]) => {
    await using it = await attacked(lies);
    const env = { XDG_STATE_HOME: it.place.path };
    const options = ["--url", it.executor.url];
    const { stdout, stderr } = await holdfast([command, ...options, ...args], { cwd: it.place.work, env });
    const text = stdout.toString() + stderr;
    expect(text).toContain("\\u001b");
    expect(text).not.toMatch(STEERING);
    if (args.includes("--json")) expect(JSON.parse(stdout.toString()).version).toBe(ESCAPES);
    if (args.includes("--detach")) expect(lines(stdout.toString()).length).toBe(1);
  });

  test("are cut, and told up to a number", async () => {
    const listing = [top, ...Array.from({ length: 5_000 }, (_, id): Claim => ({ path: `p${id}`, type: "p" }))];
    await using it = await attacked({ metadata: "folder", listing, findSays: `${" ".repeat(100_000)}x\n` });
    const { code, stderr } = await it.cp("-r", "remote:x", ".");
    expect([code, lines(stderr).length]).toEqual([1, 1_000]);
    expect(Math.max(...lines(stderr).map((line) => line.length))).toBeLessThan(5_000);
    expect(lines(stderr).at(-1)).toMatch(/there are more problems/);
  });
});
