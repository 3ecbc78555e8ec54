import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  chmod,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:net";
import { type TempDir, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { workspaceWrite } from "../confinement/sandbox.ts";
import { descriptorsBelow } from "../filesystem/helpers.ts";
import { base64, Line } from "./line.ts";
import { archiveOf, BLOCK, entriesOf, fileEntry, otherEntry, readArchive, sendArchive } from "./tree-line.ts";

const DONE = { isModeSet: true, isInPlace: false, problems: [] };

function refusal(code: number, message: unknown) {
  return expect.objectContaining({ name: "RemoteError", code, message });
}

function uri(folder: TempDir, ...names: string[]): string {
  return `file://${folder.join(...names)}`;
}

async function staged(line: Line, folder: TempDir, name = "tree", stageId = "t"): Promise<void> {
  await line.call("holdfast/stageFolder", { stageId, path: uri(folder, name) });
}

describe.skipIf(process.platform !== "linux")("an archive that is sent", () => {
  test("becomes a folder: with modes, times, links and empty folders", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    await staged(line, folder);
    const oddName = Buffer.from([0x6f, 0xff, 0x64]);
    const archive = archiveOf(
      otherEntry("folder", "./", { mode: 0o750 }),
      otherEntry("folder", "closed", { mode: 0o555, modifiedSeconds: 1_500_000_000 }),
      fileEntry("closed/small", "small", { mode: 0o640, modifiedNanoseconds: 250_000_000 }),
      otherEntry("hard-link", "again", { target: Buffer.from("closed/small") }),
      otherEntry("link", "link", { target: Buffer.from("../anywhere") }),
      otherEntry("folder", "empty", { mode: 0o700 }),
      fileEntry("made/on/the/way", "way"),
      fileEntry(oddName, "odd"),
    );
    await sendArchive(line, "t", archive, 700);
    expect(await readdir(folder.path)).toHaveLength(1);
    expect(await line.call("holdfast/commitStaged", { stageId: "t" })).toEqual(DONE);
    const small = await stat(folder.join("tree", "closed", "small"));
    expect(await readFile(folder.join("tree", "closed", "small"), "utf8")).toBe("small");
    expect([small.mode & 0o777, small.mtimeMs, small.nlink]).toEqual([0o640, 1_600_000_000_250, 2]);
    const closed = await stat(folder.join("tree", "closed"));
    expect([closed.mode & 0o777, closed.mtimeMs]).toEqual([0o555, 1_500_000_000_000]);
    expect((await stat(folder.join("tree"))).mode & 0o777).toBe(0o750);
    expect(await readlink(folder.join("tree", "link"))).toBe("../anywhere");
    expect((await lstat(folder.join("tree", "link"))).mtimeMs).toBe(1_600_000_000_000);
    expect(await readdir(folder.join("tree", "empty"))).toEqual([]);
    expect(await readFile(folder.join("tree", "made", "on", "the", "way"), "utf8")).toBe("way");
    expect((await readdir(folder.join("tree"), { encoding: "buffer" })).some((name) => name.equals(oddName))).toBe(
      true,
    );
    expect(descriptorsBelow(folder.path)).toEqual([]);
    await chmod(folder.join("tree", "closed"), 0o755);
  });

  test("is unpacked once, however often and in what order its parts come", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    await staged(line, folder);
    const content = randomBytes(3 * BLOCK);
    const archive = archiveOf(fileEntry("big", content), fileEntry("after", "x"));
    const part = (index: number, over: Line) => {
      const chunk = archive.subarray(index * BLOCK, (index + 1) * BLOCK).toString("base64");
      return over.call("holdfast/extractStaged", { stageId: "t", offset: index * BLOCK, chunk });
    };
    const ahead = part(1, line);
    await part(0, line);
    await ahead;
    await line.hangUp();
    await using next = await Line.resume(line.executor, line.sessionId);
    await Promise.all([part(1, next), part(3, next), part(0, next), part(2, next)]);
    // Cut in another way than before.
    const overlapping = archive.subarray(BLOCK / 2, BLOCK + BLOCK / 2).toString("base64");
    await next.call("holdfast/extractStaged", { stageId: "t", offset: BLOCK / 2, chunk: overlapping });
    expect(await next.call("holdfast/commitStaged", { stageId: "t" })).toEqual(DONE);
    expect((await readFile(folder.join("tree", "big"))).equals(content)).toBe(true);
    expect((await readdir(folder.join("tree"))).sort()).toEqual(["after", "big"]);
  });

  test("is merged into the folder that is there, and follows no link of it", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    await mkdir(folder.join("tree", "both"), { recursive: true });
    await mkdir(folder.join("elsewhere"));
    await writeFile(folder.join("tree", "both", "kept"), "kept");
    await writeFile(folder.join("tree", "both", "file"), "old");
    await symlink(folder.join("elsewhere"), folder.join("tree", "led"));
    await staged(line, folder);
    const archive = archiveOf(
      otherEntry("folder", "both", { mode: 0o711 }),
      fileEntry("both/file", "new"),
      fileEntry("led/in", "stray"),
      fileEntry("fresh/file", "fresh"),
    );
    await sendArchive(line, "t", archive);
    const { problems } = await line.call("holdfast/commitStaged", { stageId: "t" });
    expect(problems.map(({ path }: { path: string }) => path)).toEqual([uri(folder, "tree", "led")]);
    expect(await readFile(folder.join("tree", "both", "file"), "utf8")).toBe("new");
    expect(await readFile(folder.join("tree", "both", "kept"), "utf8")).toBe("kept");
    expect(await readFile(folder.join("tree", "fresh", "file"), "utf8")).toBe("fresh");
    expect((await stat(folder.join("tree", "both"))).mode & 0o777).toBe(0o711);
    expect(await readdir(folder.join("elsewhere"))).toEqual([]);
    expect((await readdir(folder.join("tree"))).sort()).toEqual(["both", "fresh", "led"]);
  });

  test.each([
    ["..", "../out"],
    ["..", "a/../../out"],
    ["an absolute name", "/tmp/out"],
    ["an empty name", "a//b"],
    ["a zero byte", "a\0b/c".padEnd(120, "x")],
  ])("is refused by name when one leads out of the folder: %s in %s", async (_, path) => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    await staged(line, folder);
    const sent = sendArchive(
      line,
      "t",
      archiveOf(fileEntry("before", "x"), fileEntry(path, "out"), fileEntry("b", "")),
    );
    await expect(sent).rejects.toThrow(refusal(-32600, expect.stringContaining("does not lie in the folder")));
    const more = line.call("holdfast/extractStaged", { stageId: "t", offset: 0, chunk: base64("x") });
    await expect(more).rejects.toThrow(refusal(-32600, expect.stringContaining("does not lie in the folder")));
    const placed = line.call("holdfast/commitStaged", { stageId: "t" });
    await expect(placed).rejects.toThrow(refusal(-32600, expect.stringContaining("does not lie in the folder")));
    expect(await readdir(folder.path)).toEqual([]);
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  test("writes through no link that it has made itself", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    await mkdir(folder.join("out"));
    await writeFile(folder.join("out", "mine"), "mine", { mode: 0o600 });
    await staged(line, folder);
    const archive = archiveOf(
      otherEntry("link", "door", { target: Buffer.from(folder.join("out")) }),
      fileEntry("door/in", "in"),
      otherEntry("folder", "door/sub", { mode: 0o777 }),
      otherEntry("hard-link", "door/mine", { target: Buffer.from("door/mine") }),
      otherEntry("hard-link", "taken", { target: Buffer.from("door/mine") }),
      otherEntry("link", "name", { target: Buffer.from(folder.join("out", "mine")) }),
      fileEntry("name", "over", { mode: 0o777 }),
      otherEntry("folder", "door", { mode: 0o777 }),
    );
    await sendArchive(line, "t", archive);
    const { problems } = await line.call("holdfast/commitStaged", { stageId: "t" });
    const names = problems.map(({ path }: { path: string }) => path.slice(uri(folder, "tree").length + 1));
    expect(names).toEqual(["door/in", "door/sub", "door/mine", "taken", "door"]);
    expect(await readdir(folder.join("out"))).toEqual(["mine"]);
    expect(await readFile(folder.join("out", "mine"), "utf8")).toBe("mine");
    expect((await stat(folder.join("out", "mine"))).mode & 0o777).toBe(0o600);
    expect(await readFile(folder.join("tree", "name"), "utf8")).toBe("over");
  });

  test("that is none, or breaks off, leaves nothing", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    await staged(line, folder);
    const text = line.call("holdfast/extractStaged", { stageId: "t", offset: 0, chunk: base64("7".repeat(512)) });
    await expect(text).rejects.toThrow(refusal(-32600, expect.stringContaining("no tar archive")));
    await line.call("holdfast/discardStaged", { stageId: "t" });
    await staged(line, folder, "tree", "u");
    await sendArchive(
      line,
      "u",
      archiveOf(fileEntry("whole", "x"), fileEntry("cut", "y".repeat(2_000))).subarray(0, 2_500),
    );
    const placed = line.call("holdfast/commitStaged", { stageId: "u" });
    await expect(placed).rejects.toThrow(refusal(-32600, expect.stringContaining("breaks off")));
    expect(await readdir(folder.path)).toEqual([]);
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  test("says what can't be made, and makes the rest", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    await staged(line, folder);
    const archive = archiveOf(
      fileEntry("n".repeat(300), "too long"),
      fileEntry("file", "x"),
      fileEntry("file/in", "y"),
      otherEntry("hard-link", "second", { target: Buffer.from("missing") }),
      fileEntry("last", "z"),
    );
    const answers = await sendArchive(line, "t", archive);
    expect(answers.at(-1)).toEqual({ problemCount: 3 });
    const { problems } = await line.call("holdfast/commitStaged", { stageId: "t" });
    expect(problems.map(({ message }: { message: string }) => message)).toEqual([
      expect.stringContaining("Filename too long"),
      expect.stringContaining("Not a directory"),
      expect.stringContaining("No such file"),
    ]);
    expect((await readdir(folder.join("tree"))).sort()).toEqual(["file", "last"]);
  });

  test("is bounded in what is sent ahead, and a hole in it ends with the stage", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    await staged(line, folder);
    const far = line.call("holdfast/extractStaged", { stageId: "t", offset: 2 ** 24, chunk: base64("x") });
    await expect(far).rejects.toThrow(refusal(-32600, expect.stringContaining("16777216")));
    const hole = line.call("holdfast/extractStaged", { stageId: "t", offset: 512, chunk: base64("x") });
    const told = expect(hole).rejects.toThrow(refusal(-32600, expect.stringContaining("missing")));
    await line.call("holdfast/discardStaged", { stageId: "t" });
    await told;
    expect(await readdir(folder.path)).toEqual([]);
  });

  test("is for folders alone, and has parts of a bounded size", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    await line.call("holdfast/stageFile", { stageId: "f", path: uri(folder, "file") });
    const file = line.call("holdfast/extractStaged", { stageId: "f", offset: 0, chunk: base64("x") });
    await expect(file).rejects.toThrow(refusal(-32600, expect.stringContaining("a file is staged")));
    const nothing = line.call("holdfast/extractStaged", { stageId: "f", offset: 0, chunk: "" });
    await expect(nothing).rejects.toThrow(refusal(-32600, expect.stringContaining("1 to 1048576")));
    const unknown = line.call("holdfast/extractStaged", { stageId: "u", offset: 0, chunk: base64("x") });
    await expect(unknown).rejects.toThrow(refusal(-32004, expect.stringContaining("nothing is staged")));
  });
});

describe.skipIf(process.platform !== "linux")("an archive that is read", () => {
  test("has everything in the folder, as it is", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    await mkdir(folder.join("tree", "sub", "empty"), { recursive: true });
    const content = randomBytes(2 * BLOCK + 77);
    await writeFile(folder.join("tree", "sub", "big"), content, { mode: 0o600 });
    await utimes(folder.join("tree", "sub", "big"), 1_600_000_000.5, 1_600_000_000.5);
    await link(folder.join("tree", "sub", "big"), folder.join("tree", "sub", "more"));
    await symlink("sub/big", folder.join("tree", "link"));
    await writeFile(Buffer.concat([Buffer.from(folder.join("tree", "x")), Buffer.from([0xff])]), "odd");
    execFileSync("mkfifo", [folder.join("tree", "pipe")]);
    const { archive, problems } = await readArchive(line, "a", { root: uri(folder, "tree") });
    const entries = entriesOf(archive);
    expect([...entries.keys()]).toEqual([".", "link", "sub", "sub/big", "sub/empty", "sub/more", "x\ufffd"]);
    expect(entries.get("sub/big")?.content.equals(content)).toBe(true);
    expect(entries.get("sub/big")?.entry).toMatchObject({
      mode: 0o600,
      modifiedSeconds: 1_600_000_000,
      modifiedNanoseconds: 500_000_000,
    });
    expect(entries.get("sub/more")?.entry).toMatchObject({
      kind: "hard-link",
      target: new Uint8Array(Buffer.from("sub/big")),
    });
    expect(entries.get("link")?.entry).toMatchObject({ kind: "link", target: new Uint8Array(Buffer.from("sub/big")) });
    expect(problems).toEqual([{ path: uri(folder, "tree", "pipe"), message: expect.stringContaining("neither") }]);
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  test("can be read again as far as it was not confirmed, over another line", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    await writeFile(folder.join("big"), randomBytes(5 * BLOCK));
    const read = async (over: Line, index: number, received: number): Promise<string> => {
      const place = { archiveId: "a", offset: index * BLOCK, receivedBytes: received * BLOCK };
      return (await over.call("holdfast/readArchive", place)).chunk;
    };
    await line.call("holdfast/openArchive", { archiveId: "a", root: uri(folder) });
    const first = await Promise.all([0, 1, 2].map((index) => read(line, index, 0)));
    await line.hangUp();
    await using next = await Line.resume(line.executor, line.sessionId);
    await next.call("holdfast/openArchive", { archiveId: "a", root: uri(folder) });
    expect([await read(next, 1, 1), await read(next, 2, 1)]).toEqual(first.slice(1));
    await expect(read(next, 0, 0)).rejects.toThrow(refusal(-32600, expect.stringContaining("not read again")));
    await expect(read(next, 17, 1)).rejects.toThrow(refusal(-32600, expect.stringContaining("16777216")));
    await expect(read(next, 16, 16)).rejects.toThrow(refusal(-32600, expect.stringContaining("receivedBytes")));
    const odd = next.call("holdfast/readArchive", { archiveId: "a", offset: 1, receivedBytes: 0 });
    await expect(odd).rejects.toThrow(refusal(-32600, expect.stringContaining("blocks")));
    const after = await next.call("holdfast/readArchive", {
      archiveId: "a",
      offset: 8 * BLOCK,
      receivedBytes: 3 * BLOCK,
    });
    expect(after).toEqual({ chunk: "", isEnd: true, problems: [] });
    await next.call("holdfast/closeArchive", { archiveId: "a" });
    await next.call("holdfast/closeArchive", { archiveId: "a" });
    await expect(read(next, 3, 3)).rejects.toThrow(refusal(-32004, expect.stringContaining("no archive")));
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  test("has only what is asked for by name", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    await mkdir(folder.join("a", "b"), { recursive: true });
    await writeFile(folder.join("a", "one"), "1");
    await writeFile(folder.join("a", "b", "t w"), "2");
    const names = ["a/b/t%20w", "a", "gone"];
    const { archive, problems } = await readArchive(line, "a", { root: uri(folder), names });
    expect([...entriesOf(archive).keys()]).toEqual(["a/b/t w", "a"]);
    expect(problems).toEqual([{ path: uri(folder, "gone"), message: expect.stringContaining("No such file") }]);
    for (const name of ["../x", "/x", "a//b", "", ".", "a/..", "\u00e4"]) {
      const opened = line.call("holdfast/openArchive", { archiveId: "b", root: uri(folder), names: [name] });
      await expect(opened).rejects.toThrow(refusal(-32600, expect.stringContaining("name from the root")));
    }
  });

  test("follows no link that takes the place of a folder meanwhile", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    await mkdir(folder.join("tree", "z"), { recursive: true });
    await mkdir(folder.join("secret"));
    await writeFile(folder.join("secret", "key"), "key");
    await writeFile(folder.join("tree", "a"), randomBytes(6 * BLOCK));
    await line.call("holdfast/openArchive", { archiveId: "a", root: uri(folder, "tree") });
    await line.call("holdfast/readArchive", { archiveId: "a", offset: 0, receivedBytes: 0 });
    await rename(folder.join("tree", "z"), folder.join("z"));
    await symlink(folder.join("secret"), folder.join("tree", "z"));
    const parts: Buffer[] = [];
    for (let index = 0; index < 8; index += 1) {
      const place = { archiveId: "a", offset: index * BLOCK, receivedBytes: index * BLOCK };
      parts.push(Buffer.from((await line.call("holdfast/readArchive", place)).chunk, "base64"));
    }
    const entries = entriesOf(Buffer.concat(parts));
    expect([...entries.keys()]).toEqual([".", "a", "z"]);
    expect(entries.get("z")?.entry.kind).toBe("link");
  });

  test("tells of a file that becomes shorter, and stays an archive", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    await writeFile(folder.join("a"), Buffer.alloc(9 * BLOCK, 1));
    await writeFile(folder.join("b"), "b");
    await line.call("holdfast/openArchive", { archiveId: "a", root: uri(folder) });
    await line.call("holdfast/readArchive", { archiveId: "a", offset: 0, receivedBytes: 0 });
    await truncate(folder.join("a"), 6 * BLOCK);
    const parts: Buffer[] = [];
    let last: { isEnd: boolean; problems: unknown } = { isEnd: false, problems: [] };
    for (let index = 0; !last.isEnd; index += 1) {
      const place = { archiveId: "a", offset: index * BLOCK, receivedBytes: index * BLOCK };
      const answer = await line.call("holdfast/readArchive", place);
      parts.push(Buffer.from(answer.chunk, "base64"));
      last = answer;
    }
    const entries = entriesOf(Buffer.concat(parts));
    expect(entries.get("a")?.content.equals(Buffer.concat([Buffer.alloc(6 * BLOCK, 1), Buffer.alloc(3 * BLOCK)]))).toBe(
      true,
    );
    expect(entries.get("b")?.content.toString()).toBe("b");
    expect(last.problems).toEqual([{ path: uri(folder, "a"), message: expect.stringContaining("shorter") }]);
  });

  test("leaves out what patterns and .gitignore files say", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    await mkdir(folder.join("src", "deep"), { recursive: true });
    await mkdir(folder.join(".git"));
    await mkdir(folder.join("node_modules", "x"), { recursive: true });
    for (const name of [".git/config", "node_modules/x/y", "src/a.log", "src/keep.log", "src/deep/b.tmp", "src/c.ts"]) {
      await writeFile(folder.join(...name.split("/")), "");
    }
    await writeFile(folder.join(".gitignore"), "node_modules/\n*.log\n");
    await writeFile(folder.join("src", ".gitignore"), "!keep.log\n/deep/*.tmp\n");
    const filter = { useGitignore: true, exclude: ["*.ts"] };
    const { archive } = await readArchive(line, "a", { root: uri(folder), filter });
    const kept = [".gitignore", "src", "src/.gitignore", "src/deep", "src/keep.log"];
    expect([...entriesOf(archive).keys()]).toEqual([".", ...kept]);
    const { entries } = await line.call("holdfast/listTree", { root: uri(folder), filter });
    expect(entries.map(({ name }: { name: string }) => name)).toEqual(kept);
  });

  test("leaves out what is in a folder whose .gitignore can't be followed, and tells", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    const long = Buffer.alloc(1_048_577, "#");
    for (const [name, text] of [
      ["long", long],
      ["costly", `${"a?".repeat(1_000)}\n`.repeat(40)],
    ] as const) {
      await mkdir(folder.join(name));
      await writeFile(folder.join(name, ".gitignore"), text);
      await writeFile(folder.join(name, "secret"), "");
    }
    await mkdir(folder.join("linked"));
    await symlink("/etc/passwd", folder.join("linked", ".gitignore"));
    await writeFile(folder.join("linked", "root:x:0:0"), "");
    // None to git, either.
    await mkdir(folder.join("socket"));
    await using server = createServer().listen(folder.join("socket", ".gitignore"));
    await once(server, "listening");
    const filter = { useGitignore: true };
    const { entries, problems } = await line.call("holdfast/listTree", { root: uri(folder), filter });
    const names = [
      "costly",
      "linked",
      "linked/.gitignore",
      "linked/root%3Ax%3A0%3A0",
      "long",
      "socket",
      "socket/.gitignore",
    ];
    expect(entries.map(({ name }: { name: string }) => name.replaceAll(":", "%3A"))).toEqual(names);
    expect(problems).toEqual([
      {
        path: uri(folder, "costly"),
        message: expect.stringMatching(/^left out, .* wildcards of more than 32768 bytes$/),
      },
      { path: uri(folder, "long"), message: expect.stringMatching(/^left out, .* longer than 1048576 bytes$/) },
    ]);
    const tooMuch = { exclude: Array(1_000).fill("a?".repeat(100)) };
    await expect(line.call("holdfast/listTree", { root: uri(folder), filter: tooMuch })).rejects.toThrow(
      refusal(-32600, expect.stringContaining("`exclude` has patterns with wildcards")),
    );
  });

  test("is one of a bounded number, and closes with its session", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    await mkdir(folder.join("tree"));
    for (let index = 0; index < 8; index += 1) {
      await line.call("holdfast/openArchive", { archiveId: `${index}`, root: uri(folder, "tree") });
    }
    const more = line.call("holdfast/openArchive", { archiveId: "more", root: uri(folder, "tree") });
    await expect(more).rejects.toThrow(refusal(-32600, expect.stringContaining("at most 8")));
    await line.executor.close();
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  test("needs a folder", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    await writeFile(folder.join("file"), "");
    const file = line.call("holdfast/openArchive", { archiveId: "a", root: uri(folder, "file") });
    await expect(file).rejects.toThrow(refusal(-32603, expect.stringContaining("Not a directory")));
    const missing = line.call("holdfast/openArchive", { archiveId: "a", root: uri(folder, "missing") });
    await expect(missing).rejects.toThrow(refusal(-32004, expect.stringContaining("No such file")));
  });
});

describe.skipIf(process.platform !== "linux")("a listing", () => {
  test("has what is needed to compare, of a folder and of one that is staged", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    await staged(line, folder);
    const archive = archiveOf(
      otherEntry("folder", "sub", { mode: 0o755 }),
      fileEntry("sub/f ile", "12345", { mode: 0o600, modifiedNanoseconds: 1_500_000 }),
      otherEntry("link", "sub/l", { target: Buffer.from("../a b") }),
    );
    await sendArchive(line, "t", archive);
    const { entries: before } = await line.call("holdfast/listTree", { stageId: "t" });
    expect(before[1]).toMatchObject({ name: "sub/f%20ile", kind: "file", size: 5, mode: 0o600 });
    expect(Math.abs(before[1].modifiedAtUs - 1_600_000_000_001_500)).toBeLessThanOrEqual(1);
    await line.call("holdfast/commitStaged", { stageId: "t" });
    const page = await line.call("holdfast/listTree", { root: uri(folder, "tree") });
    expect(page).toMatchObject({ next: null, problems: [] });
    expect(page.entries.map(({ name, kind, target }: Record<string, unknown>) => [name, kind, target])).toEqual([
      ["sub", "folder", undefined],
      ["sub/f%20ile", "file", undefined],
      ["sub/l", "link", "../a%20b"],
    ]);
    const both = line.call("holdfast/listTree", { root: uri(folder), stageId: "t" });
    await expect(both).rejects.toThrow(refusal(-32600, expect.stringContaining("exactly one")));
  });

  test("goes on after any name, whether it is still there or not", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    for (const name of ["a/x", "a/y/deep", "a/z", "b", "c/d"]) {
      await mkdir(folder.join(name, ".."), { recursive: true });
      await writeFile(folder.join(name), "");
    }
    const after = async (name: string) => {
      const { entries } = await line.call("holdfast/listTree", { root: uri(folder), after: name });
      return entries.map((entry: { name: string }) => entry.name);
    };
    const all = ["a", "a/x", "a/y", "a/y/deep", "a/z", "b", "c", "c/d"];
    for (const [index, name] of all.entries()) expect(await after(name)).toEqual(all.slice(index + 1));
    expect(await after("a/y/gone")).toEqual(["a/z", "b", "c", "c/d"]);
    expect(await after("aa/gone")).toEqual(["b", "c", "c/d"]);
    expect(await after("z")).toEqual([]);
  });
});

describe.skipIf(process.platform !== "linux")("digests", () => {
  test("are those of the bytes, range by range", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    const content = randomBytes(2 * BLOCK + 5);
    await writeFile(folder.join("big"), content);
    await symlink("big", folder.join("link"));
    const sha = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
    const ranges = [
      { name: "big", length: 2 ** 28 },
      { name: "big", offset: BLOCK, length: 10 },
      { name: "link", length: 1 },
      { name: "gone", length: 1 },
    ];
    const { digests } = await line.call("holdfast/digestFiles", { root: uri(folder), ranges });
    expect(digests).toEqual([
      { sha256: sha(content), length: content.length },
      { sha256: sha(content.subarray(BLOCK, BLOCK + 10)), length: 10 },
      { sha256: null, length: 0, message: expect.stringContaining("Symbolic link") },
      { sha256: null, length: 0, message: expect.stringContaining("No such file") },
    ]);
    const long = line.call("holdfast/digestFiles", {
      root: uri(folder),
      ranges: [{ name: "big", length: 2 ** 28 + 1 }],
    });
    await expect(long).rejects.toThrow(refusal(-32600, expect.stringContaining("268435456")));
  });
});

describe.skipIf(process.platform !== "linux")("what is removed from a folder", () => {
  const remove = (line: Line, folder: TempDir, names: readonly string[], more: object = {}) =>
    line.call("holdfast/removeEntries", { root: uri(folder, "tree"), names, ...more });

  async function scene() {
    const folder = await tempDir();
    const at = (...names: string[]): string => folder.join("tree", ...names);
    await mkdir(at("extra", "deep"), { recursive: true });
    await mkdir(folder.join("outside", "deep"), { recursive: true });
    for (const name of [at("extra", "a"), at("extra", "deep", "b"), at("old")]) await writeFile(name, "old");
    for (const name of ["a", "deep/b"]) await writeFile(folder.join("outside", name), "precious");
    await symlink("../outside", at("link"));
    const line = await Line.ready({ cwd: folder.path, env: { PATH: "/usr/bin:/bin", HOME: at("home", "me") } });
    const end = async () => {
      await line[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    };
    return { folder, at, line, [Symbol.asyncDispose]: end };
  }

  test("is what was named, and nothing besides; asked again it does nothing", async () => {
    await using there = await scene();
    const { folder, at, line } = there;
    const names = ["extra/deep/b", "extra/deep", "extra", "link", "missing/x"];
    const path = uri(folder, "tree", "extra");
    const problems = [{ path, message: expect.stringContaining("not empty") }];
    expect(await remove(line, folder, names)).toEqual({ problems });
    expect(await remove(line, folder, names, { keepFilled: true })).toEqual({ problems: [] });
    expect((await readdir(at(), { recursive: true })).toSorted()).toEqual(["extra", "extra/a", "old"]);
    expect(await readFile(folder.join("outside", "a"), "utf8")).toBe("precious");
  });

  test("lies behind no link that took the place of a folder since it was listed", async () => {
    await using there = await scene();
    const { folder, at, line } = there;
    await rename(at("extra"), folder.join("moved"));
    await symlink("../outside", at("extra"));
    const { problems } = await remove(line, folder, ["extra/deep/b", "extra/a"]);
    expect(problems).toHaveLength(2);
    await rename(at(), folder.join("tree moved"));
    await symlink("outside", at());
    await expect(remove(line, folder, ["a"])).rejects.toThrow(
      refusal(-32603, expect.stringMatching(/^Not a directory/)),
    );
    expect((await readdir(folder.join("outside"), { recursive: true })).toSorted()).toEqual(["a", "deep", "deep/b"]);
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  test("is nothing of the user's home, nor of what is above it", async () => {
    await using there = await scene();
    const { folder, at, line } = there;
    await mkdir(at("home", "me"), { recursive: true });
    for (const name of ["home/me/mine", "home/other"]) await writeFile(at(name), "mine");
    const { problems } = await remove(line, folder, ["home/me/mine", "home/me", "home/other", "home", "old"]);
    expect(problems.map(({ message }: { message: string }) => message)).toEqual(
      Array(4).fill(expect.stringContaining("home")),
    );
    expect((await readdir(at("home"), { recursive: true })).toSorted()).toEqual(["me", "me/mine", "other"]);
    expect(await readdir(at())).not.toContain("old");
  });

  test("is named from the root, by a bounded number of names", async () => {
    await using there = await scene();
    const { folder, line } = there;
    for (const name of ["../outside/a", "/etc", "", "."]) {
      await expect(remove(line, folder, [name])).rejects.toThrow(refusal(-32600, expect.stringContaining("name")));
    }
    const many = Array.from({ length: 65_537 }, () => "x");
    await expect(remove(line, folder, many)).rejects.toThrow(refusal(-32600, expect.stringContaining("65536")));
  });
});

describe.skipIf(process.platform !== "linux")("whole folders", () => {
  test("are a capability, and never worked on under a sandbox", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    expect((await line.call("environment/info")).capabilities).toMatchObject({ holdfastTrees: true });
    const sandbox = workspaceWrite(folder.path);
    for (const [method, params] of [
      ["holdfast/openArchive", { archiveId: "a" }],
      ["holdfast/listTree", {}],
      ["holdfast/digestFiles", { ranges: [] }],
      ["holdfast/removeEntries", { names: [] }],
    ] as const) {
      const asked = line.call(method, { root: uri(folder), sandbox, ...params });
      await expect(asked).rejects.toThrow(refusal(-32600, expect.stringContaining("under a sandbox")));
    }
  });

  test("keep nobody else waiting", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    await staged(line, folder);
    const wholes = Array.from({ length: 1_000 }, (_, index) =>
      fileEntry(`d${index % 50}/f${index}`, "x".repeat(3_000)),
    );
    let isDone = false;
    const sent = sendArchive(line, "t", archiveOf(...wholes)).then(() => {
      isDone = true;
    });
    let answered = 0;
    while (!isDone) {
      await line.call("environment/status");
      answered += 1;
    }
    await sent;
    expect(answered).toBeGreaterThan(10);
    await line.call("holdfast/discardStaged", { stageId: "t" });
    await until(async () => (await readdir(folder.path)).length === 0);
  });
});
