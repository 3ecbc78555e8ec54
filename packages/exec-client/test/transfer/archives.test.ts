import { execFileSync } from "node:child_process";
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { TAR_END, type TarEntry, tarHeader, tarPadding } from "@holdfast/protocol-kit/tar";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { listLocalTree } from "../../src/transfer/local-tree.ts";
import { archiveBytes, packTree } from "../../src/transfer/pack-tree.ts";
import { Problems } from "../../src/transfer/problems.ts";
import { TreeFilter } from "../../src/transfer/tree-filter.ts";
import { TreeUnpacker } from "../../src/transfer/unpack-tree.ts";

const MIB = 1024 * 1024;
const signal = new AbortController().signal;

function told() {
  const lines: string[] = [];
  return { lines, problems: new Problems((line) => lines.push(line)) };
}

async function pack(folder: string, options: { readonly meanwhile?: () => void; readonly isFixed?: boolean } = {}) {
  const { lines, problems } = told();
  const top = Buffer.from(folder);
  const entries = await listLocalTree(top, { text: "tree", problems });
  options.meanwhile?.();
  const blocks: Buffer[] = [];
  let bytes = 0;
  const advance = (more: number): void => {
    bytes += more;
  };
  const { isFixed } = options;
  for await (const block of packTree(top, entries, { text: "tree", problems, signal, advance, isFixed }))
    blocks.push(block);
  return { entries, blocks, lines, bytes };
}

async function unpack(folder: string, blocks: readonly Uint8Array[], pieceBytes = Number.POSITIVE_INFINITY) {
  const { lines, problems } = told();
  using unpacker = new TreeUnpacker(Buffer.from(folder), { text: "remote:x", problems, signal, advance: () => {} });
  for (const block of blocks) {
    for (let at = 0; at < block.byteLength; at += pieceBytes) await unpacker.take(block.subarray(at, at + pieceBytes));
  }
  unpacker.finish();
  return { made: unpacker.made, lines };
}

/** Kind, mode, time, links and content of everything. */
function look(path: Buffer): unknown {
  const stats = lstatSync(path);
  const time = Math.floor(stats.mtimeMs);
  if (stats.isSymbolicLink()) return ["link", time, readlinkSync(path, "buffer").toString("latin1")];
  if (stats.isFile()) return ["file", stats.mode & 0o777, time, stats.nlink, readFileSync(path).toString("base64")];
  const names = readdirSync(path, "buffer").toSorted(Buffer.compare);
  return names.map((name) => [name.toString("latin1"), look(Buffer.concat([path, Buffer.from("/"), name]))]);
}

function entry(path: string, more: Partial<TarEntry> = {}): Uint8Array[] {
  const content = Buffer.from("content");
  const kind = more.kind ?? "file";
  const size = kind === "file" ? content.byteLength : 0;
  const header = tarHeader({
    kind,
    path: Buffer.from(path),
    target: new Uint8Array(0),
    size,
    mode: 0o644,
    modifiedSeconds: 1,
    modifiedNanoseconds: 0,
    ...more,
  });
  return kind === "file" ? [header, content, new Uint8Array(tarPadding(size))] : [header];
}

describe("a folder that is packed here", () => {
  test.each([Number.POSITIVE_INFINITY, 511, 100_000])("is unpacked as it was, in pieces of %d bytes", async (piece) => {
    await using folder = await tempDir();
    const at = (...names: string[]): string => folder.join("tree", ...names);
    mkdirSync(at("sub", "empty"), { recursive: true });
    mkdirSync(folder.join("copy"));
    writeFileSync(at("large"), Buffer.alloc(3 * MIB + 7, "large"));
    writeFileSync(at("none"), "");
    writeFileSync(at("sub", "small"), "small", { mode: 0o751 });
    writeFileSync(Buffer.concat([Buffer.from(`${at()}/`), Buffer.from([0xff, 0x0a, 0x20])]), "odd");
    const deep = "n".repeat(200);
    mkdirSync(at("sub", deep, deep), { recursive: true });
    writeFileSync(at("sub", deep, deep, deep), "deep");
    symlinkSync("no/where", at("link"));
    symlinkSync(`${"t".repeat(300)}`, at("long link"));
    linkSync(at("sub", "small"), at("same"));
    utimesSync(at("large"), 1.25, 981_173_106.789);
    chmodSync(at("sub", "small"), 0o440);
    const { blocks, lines, bytes, entries } = await pack(at());
    expect(blocks.slice(0, -1).every(({ byteLength }) => byteLength === MIB)).toBe(true);
    expect(bytes).toBe(3 * MIB + 7 + 5 + 3 + 4);
    const { made, lines: failed } = await unpack(folder.join("copy"), blocks, piece);
    expect([lines, failed]).toEqual([[], []]);
    expect(made).toHaveLength(entries.length);
    expect(look(Buffer.from(folder.join("copy")))).toEqual(look(Buffer.from(at())));
    expect(lstatSync(folder.join("copy", "same")).ino).toBe(lstatSync(folder.join("copy", "sub", "small")).ino);
  });

  test("is an archive that tar reads, and what tar writes is read here", async () => {
    await using folder = await tempDir();
    const at = (...names: string[]): string => folder.join("tree", ...names);
    mkdirSync(at("n".repeat(120), "m".repeat(150)), { recursive: true });
    writeFileSync(at("n".repeat(120), "m".repeat(150), "file"), "content");
    symlinkSync("x".repeat(140), at("link"));
    linkSync(at("n".repeat(120), "m".repeat(150), "file"), at("other"));
    for (const name of ["by tar", "by us"]) mkdirSync(folder.join(name));
    const { blocks } = await pack(at());
    execFileSync("tar", ["-xf", "-", "-C", folder.join("by tar")], { input: Buffer.concat(blocks) });
    expect(look(Buffer.from(folder.join("by tar")))).toEqual(look(Buffer.from(at())));
    const theirs = execFileSync("tar", ["-cf", "-", "-C", at(), "."]);
    await unpack(folder.join("by us"), [theirs]);
    const seconds = (text: unknown): string => JSON.stringify(text).replaceAll(/\d{3},/g, "");
    expect(seconds(look(Buffer.from(folder.join("by us"))))).toEqual(seconds(look(Buffer.from(at()))));
  });

  test("has the length that was worked out, and keeps to it when files change meanwhile", async () => {
    await using folder = await tempDir();
    const at = (...names: string[]): string => folder.join("tree", ...names);
    mkdirSync(at());
    for (const name of ["grows", "shrinks", "vanishes", "stays"]) writeFileSync(at(name), name.repeat(1_000));
    linkSync(at("stays"), at("too"));
    const meanwhile = (): void => {
      writeFileSync(at("grows"), "more".repeat(10_000));
      truncateSync(at("shrinks"), 10);
      rmSync(at("vanishes"));
    };
    const { entries, blocks, lines } = await pack(at(), { meanwhile, isFixed: true });
    expect(Buffer.concat(blocks).byteLength).toBe(archiveBytes(entries));
    expect(lines.toSorted()).toEqual([
      "cannot copy tree/vanishes: no such file or directory; check the path",
      "tree/shrinks has become shorter while it was copied; copy it again",
    ]);
  });

  test("has nothing read through a link that takes the place of a file or a folder", async () => {
    await using folder = await tempDir();
    const at = (...names: string[]): string => folder.join("tree", ...names);
    mkdirSync(at("sub"), { recursive: true });
    mkdirSync(folder.join("outside"));
    mkdirSync(folder.join("copy"));
    writeFileSync(folder.join("outside", "in"), "secret");
    for (const names of [["file"], ["sub", "in"], ["kept"]]) writeFileSync(at(...names), "mine");
    const meanwhile = (): void => {
      for (const [name, target] of [
        ["file", "outside/in"],
        ["sub", "outside"],
      ] as const) {
        renameSync(at(name), folder.join(`old ${name}`));
        symlinkSync(folder.join(target), at(name));
      }
    };
    const { blocks, lines } = await pack(at(), { meanwhile });
    expect(Buffer.concat(blocks).includes("secret")).toBe(false);
    expect(lines.toSorted()).toEqual([
      "cannot copy tree/sub/in: not a directory",
      "tree/file has become a link, which is not followed here; copy it again",
    ]);
  });
});

describe("an archive of a hostile executor", () => {
  const itself = entry(".", { kind: "folder" });

  test.each([
    ["leads out of the folder", [...entry("../x")], /sends a path that is none: \.\.\/x/],
    ["leads out of it further in", [...entry("a/../../x")], /path that is none/],
    ["has an absolute path", [...entry("/etc/x")], /path that is none/],
    ["has an empty name", [...entry("a//b")], /path that is none/],
    [
      "names a hard link's original outside",
      [...entry("a", { kind: "hard-link", target: Buffer.from("../x") })],
      /path that is none/,
    ],
    ["sends one place twice", [...entry("a"), ...entry("a")], /sends one path twice: a/],
    ["sends something before its folder", [...entry("sub/a")], /sends sub\/a before the folder that it is in/],
    ["goes through a link", [...entry("l", { kind: "link", target: Buffer.from("/tmp") }), ...entry("l/x")], undefined],
    ["is none", [new Uint8Array(1024).fill(65)], /sends no archive/],
    ["ends in the middle", [...entry("a").slice(0, 2)], /ends in the middle/],
  ] as const)("that %s is refused, and nothing is made outside", async (_, parts, message) => {
    await using folder = await tempDir();
    mkdirSync(folder.join("copy"));
    const unpacking = unpack(
      folder.join("copy"),
      [...itself, ...parts, TAR_END].slice(0, message?.source.includes("middle") ? -1 : undefined),
    );
    if (message === undefined) {
      const { lines } = await unpacking;
      expect(lines).toEqual([expect.stringMatching(/cannot copy remote:x\/l\/x: not a directory/)]);
    } else await expect(unpacking).rejects.toThrow(message);
    expect(readdirSync(folder.path)).toEqual(["copy"]);
  });

  test("has what is no file left out, and what is below a folder that can't be made, and tells it once", async () => {
    await using folder = await tempDir();
    mkdirSync(folder.join("copy"));
    writeFileSync(folder.join("copy", "sub"), "in the way");
    const parts = [...entry("sub", { kind: "folder" }), ...entry("sub/a"), ...entry("sub/b"), ...entry("c")];
    const { lines, made } = await unpack(folder.join("copy"), [...itself, ...parts, TAR_END]);
    expect(lines).toEqual([expect.stringMatching(/cannot copy remote:x\/sub: file already exists/)]);
    expect(made.map(({ path }) => path.toString())).toEqual(["", "c"]);
  });
});

describe("what is left out of a folder", () => {
  test("is what the patterns say, and the .gitignore files where they are asked for", async () => {
    await using folder = await tempDir();
    const at = (...names: string[]): string => folder.join(...names);
    for (const name of [".git", "node_modules/x", "src/gen", "logs"]) mkdirSync(at(name), { recursive: true });
    const files = [
      ".git/config",
      "node_modules/x/i.js",
      "src/a.ts",
      "src/gen/b.ts",
      "src/keep.log",
      "logs/c.log",
      "d.log",
    ];
    for (const name of files) writeFileSync(at(name), "");
    writeFileSync(at(".gitignore"), "*.log\n/logs\n");
    writeFileSync(at("src", ".gitignore"), "gen/\n!keep.log\n");
    const names = async (options: Parameters<typeof TreeFilter.of>[0]): Promise<string[]> => {
      const { problems } = told();
      const listed = await listLocalTree(Buffer.from(folder.path), {
        text: "x",
        problems,
        filter: TreeFilter.of(options),
      });
      return listed
        .filter(({ kind }) => kind === "file")
        .map(({ path }) => path.toString())
        .toSorted();
    };
    expect(await names({})).toHaveLength(9);
    expect(await names({ exclude: ["node_modules", ".git*"] })).toEqual([
      "d.log",
      "logs/c.log",
      "src/a.ts",
      "src/gen/b.ts",
      "src/keep.log",
    ]);
    expect(await names({ gitignore: true, exclude: ["node_modules"] })).toEqual([
      ".gitignore",
      "src/.gitignore",
      "src/a.ts",
      "src/keep.log",
    ]);
  });

  test("is all that is in a folder whose .gitignore can't be followed, which is told", async () => {
    await using folder = await tempDir();
    mkdirSync(folder.join("sub"));
    writeFileSync(folder.join("sub", ".gitignore"), Buffer.alloc(1_048_577, "#"));
    writeFileSync(folder.join("sub", "secret"), "");
    writeFileSync(folder.join("file"), "");
    const { problems, lines } = told();
    const filter = TreeFilter.of({ gitignore: true });
    const listed = await listLocalTree(Buffer.from(folder.path), { text: "x", problems, filter });
    expect(listed.map(({ path }) => path.toString()).toSorted()).toEqual(["", "file", "sub"]);
    expect(lines).toEqual([
      expect.stringMatching(/^cannot read x\/sub: left out, because its .gitignore is longer than 1048576 bytes/),
    ]);
    // Of another tree with the same names, nothing in that folder is admitted either: it must not be removed.
    const entry = (path: string, kind: "file" | "folder") => ({ path: Buffer.from(path), kind });
    const other = [entry("", "folder"), entry("sub", "folder"), entry("sub/secret", "file"), entry("old", "file")];
    expect(filter?.admitted(other).map(({ path }) => path.toString())).toEqual(["", "sub", "old"]);
    expect(() => TreeFilter.of({ exclude: ["a".repeat(5_000)] })).toThrow(
      /`exclude` has a pattern of more than 4096 bytes/,
    );
  });

  test("is what is in a folder whose .gitignore comes after others that take too much memory, however short they are", () => {
    const filter = TreeFilter.of({ gitignore: true });
    const short = Buffer.from("?/\n".repeat(16_384));
    const inFolder = (at: number) => filter?.admitted([{ path: Buffer.from(`${at}/file`), kind: "file" }]).length;
    let last = 0;
    const follow = () => {
      for (; last < 30; last += 1) filter?.follow(Buffer.from(String(last)), short);
    };
    expect(follow).toThrow(/^left out, because its .gitignore comes after others that take \d+ bytes of memory/);
    expect([inFolder(last - 1), inFolder(last)]).toEqual([1, 0]);
  });
});
