import { Buffer } from "node:buffer";
import { execFileSync } from "node:child_process";
import { mkdir, readFile, readlink, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { type TempDir, tempDir } from "@holdfast/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  TAR_END,
  TAR_EXTENSION_MAX_BYTES,
  TAR_RECORD_BYTES,
  type TarEntry,
  TarError,
  TarReader,
  tarHeader,
  tarPadding,
} from "../../src/tar/index.ts";

interface Whole {
  readonly entry: TarEntry;
  readonly content: Buffer;
}

function entry(path: string | Buffer, more: Partial<TarEntry> = {}): TarEntry {
  const plain = { target: Buffer.alloc(0), size: 0, mode: 0o644, modifiedSeconds: 0, modifiedNanoseconds: 0 };
  return { kind: "file", path: Buffer.from(path as string), ...plain, ...more };
}

function archiveOf(wholes: readonly { readonly entry: TarEntry; readonly content?: Uint8Array }[]): Buffer {
  return Buffer.concat([
    ...wholes.flatMap(({ entry, content = Buffer.alloc(0) }) => [
      tarHeader(entry),
      content,
      Buffer.alloc(tarPadding(entry.size)),
    ]),
    TAR_END,
  ]);
}

function readAll(archive: Uint8Array, pieceBytes = archive.length): Whole[] {
  const reader = new TarReader();
  const wholes: Whole[] = [];
  let content: Buffer[] = [];
  for (let at = 0; at < archive.length; at += pieceBytes) {
    const piece = Buffer.from(archive.subarray(at, at + pieceBytes));
    for (const part of reader.read(piece)) {
      if (part.kind === "entry") wholes.push({ entry: part.entry, content: Buffer.alloc(0) });
      else if (part.kind === "content") content.push(Buffer.from(part.bytes));
      else {
        const last = wholes.pop();
        if (last !== undefined) wholes.push({ ...last, content: Buffer.concat(content) });
        content = [];
      }
    }
    // Its memory is used again.
    piece.fill(0x7e);
  }
  expect(reader.isBetweenEntries).toBe(true);
  return wholes;
}

function plain({ entry, content }: Whole) {
  const { path, target, ...rest } = entry;
  return {
    ...rest,
    path: Buffer.from(path).toString("latin1"),
    target: Buffer.from(target).toString("latin1"),
    content,
  };
}

const bytesOfName = fc
  .array(fc.integer({ min: 1, max: 255 }), { minLength: 1, maxLength: 300 })
  .map((bytes) => Buffer.from(bytes))
  .filter((name) => name.at(-1) !== 0x2f);

const anyWhole: fc.Arbitrary<Whole> = fc
  .record({
    kind: fc.constantFrom("file", "folder", "link", "hard-link"),
    path: bytesOfName,
    target: bytesOfName,
    content: fc.uint8Array({ maxLength: 1_500 }),
    mode: fc.integer({ min: 0, max: 0o7777 }),
    modifiedSeconds: fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
    modifiedNanoseconds: fc.integer({ min: 0, max: 999_999_999 }),
  })
  .map(({ kind, target, content, ...rest }) => ({
    content: Buffer.from(kind === "file" ? content : []),
    entry: {
      ...rest,
      kind: kind as TarEntry["kind"],
      target: kind === "link" || kind === "hard-link" ? target : Buffer.alloc(0),
      size: kind === "file" ? content.length : 0,
    },
  }));

describe("an archive of ours", () => {
  test("reads as it was written, in pieces of any size", () => {
    fc.assert(
      fc.property(fc.array(anyWhole, { maxLength: 6 }), fc.integer({ min: 1, max: 2_000 }), (wholes, pieceBytes) => {
        expect(readAll(archiveOf(wholes), pieceBytes).map(plain)).toEqual(wholes.map(plain));
      }),
      { numRuns: 300 },
    );
  });

  test("tells of an entry that isn't whole", () => {
    const archive = archiveOf([{ entry: entry("a", { size: 3 }), content: Buffer.from("abc") }]);
    const reader = new TarReader();
    expect([...reader.read(archive.subarray(0, TAR_RECORD_BYTES + 2))].map(({ kind }) => kind)).toEqual([
      "entry",
      "content",
    ]);
    expect(reader.isBetweenEntries).toBe(false);
    expect([...reader.read(archive.subarray(TAR_RECORD_BYTES + 2, TAR_RECORD_BYTES + 3))]).toHaveLength(2);
    expect(reader.isBetweenEntries).toBe(false);
    expect([...reader.read(archive.subarray(TAR_RECORD_BYTES + 3))]).toEqual([]);
    expect(reader.isBetweenEntries).toBe(true);
  });

  test("has no entry for a device", () => {
    expect(() => tarHeader(entry("null", { kind: "other" }))).toThrow(RangeError);
  });
});

/** A tree with what makes archives differ. */
async function fill(folder: TempDir): Promise<{ readonly long: string; readonly farTarget: string }> {
  const long = `${"d".repeat(120)}/${"e".repeat(130)}/${"f".repeat(200)}`;
  const farTarget = "t".repeat(150);
  await mkdir(folder.join(long, ".."), { recursive: true });
  await mkdir(folder.join("empty"), { mode: 0o750 });
  await writeFile(folder.join(long), "long");
  await writeFile(folder.join("small"), "small", { mode: 0o640 });
  await utimes(folder.join("small"), 1_700_000_000.25, 1_700_000_000.25);
  await symlink("small", folder.join("link"));
  await symlink(farTarget, folder.join("far"));
  return { long, farTarget };
}

describe.each(["pax", "gnu", "ustar"])("an archive that tar writes as %s", (format) => {
  test("reads as it is meant", async () => {
    await using folder = await tempDir();
    const { long, farTarget } = await fill(folder);
    const names = format === "ustar" ? ["empty", "link", "small"] : ["empty", "link", "small", "far", long];
    const archive = execFileSync("tar", ["-c", "-f", "-", `--format=${format}`, "-C", folder.path, "--", ...names]);
    const read = new Map(readAll(archive, 700).map((whole) => [Buffer.from(whole.entry.path).toString(), whole]));
    expect([...read.keys()]).toEqual(names);
    expect(plain(read.get("small") as Whole)).toMatchObject({
      kind: "file",
      mode: 0o640,
      content: Buffer.from("small"),
      modifiedSeconds: 1_700_000_000,
      modifiedNanoseconds: format === "pax" ? 250_000_000 : 0,
    });
    expect(plain(read.get("empty") as Whole)).toMatchObject({ kind: "folder", mode: 0o750, size: 0 });
    expect(plain(read.get("link") as Whole)).toMatchObject({ kind: "link", target: "small" });
    if (format === "ustar") return;
    expect(plain(read.get("far") as Whole)).toMatchObject({ kind: "link", target: farTarget });
    expect(plain(read.get(long) as Whole)).toMatchObject({ content: Buffer.from("long") });
  });
});

describe("what others make of an archive of ours", () => {
  const long = `${"x".repeat(180)}/${"y".repeat(90)}`;
  const wholes = [
    { entry: entry("folder", { kind: "folder", mode: 0o755, modifiedSeconds: 1_600_000_000 }) },
    {
      entry: entry("folder/small", { size: 5, mode: 0o600, modifiedSeconds: -2, modifiedNanoseconds: 500_000_000 }),
      content: Buffer.from("small"),
    },
    { entry: entry("folder/again", { kind: "hard-link", target: Buffer.from("folder/small"), mode: 0o600 }) },
    { entry: entry("folder/link", { kind: "link", target: Buffer.from("t".repeat(120)) }) },
    { entry: entry(long, { size: 4 }), content: Buffer.from("long") },
  ];

  test("is the same tree, by GNU tar", async () => {
    await using folder = await tempDir();
    execFileSync("tar", ["-x", "-f", "-", "-C", folder.path], { input: archiveOf(wholes) });
    const small = await stat(folder.join("folder", "small"), { bigint: true });
    expect(await readFile(folder.join("folder", "small"), "utf8")).toBe("small");
    expect([small.mtimeNs, small.nlink, Number(small.mode) & 0o777]).toEqual([-1_500_000_000n, 2n, 0o600]);
    expect((await stat(folder.join("folder"))).mtimeMs).toBe(1_600_000_000_000);
    expect(await readlink(folder.join("folder", "link"))).toBe("t".repeat(120));
    expect(await readFile(folder.join(long), "utf8")).toBe("long");
  });

  test("is the same tree, by Python", async () => {
    await using folder = await tempDir();
    await writeFile(folder.join("a.tar"), archiveOf([...wholes, { entry: entry(Buffer.from([0xff, 0x62])) }]));
    const script = [
      "import sys, tarfile",
      "for m in tarfile.open(sys.argv[1], errors='surrogateescape'):",
      "    print(m.name.encode('utf8', 'surrogateescape'), m.size, oct(m.mode), m.mtime, m.type)",
    ].join("\n");
    const told = execFileSync("python3", ["-c", script, folder.join("a.tar")], { encoding: "utf8" }).split("\n");
    expect(told.slice(0, 3)).toEqual([
      "b'folder' 0 0o755 1600000000 b'5'",
      "b'folder/small' 5 0o600 -1.5 b'0'",
      "b'folder/again' 0 0o600 0 b'1'",
    ]);
    expect(told[4]).toBe(`b'${long}' 4 0o644 0 b'0'`);
    expect(told[5]).toMatch(/^b'\\xffb' 0 /);
  });
});

describe("what is no archive", () => {
  const head = Buffer.from(tarHeader(entry("name", { size: 5 })));

  test.each([
    ["text", Buffer.alloc(TAR_RECORD_BYTES, "text")],
    ["a header with another byte", Buffer.from(head.map((byte, at) => (at === 3 ? byte + 1 : byte)))],
    ["a header without a name", summed(Buffer.from(head.map((byte, at) => (at < 100 ? 0 : byte))))],
    ["a header with letters for a size", summed(Buffer.from(head.map((byte, at) => (at === 130 ? 0x78 : byte))))],
    ["a pax header of a gigabyte", extension(0x78, 2 ** 30)],
    ["a pax header without an end", Buffer.concat([extension(0x78, 7), Buffer.from("99 a=b\n"), Buffer.alloc(505)])],
    ["a pax header without a length", Buffer.concat([extension(0x78, 4), Buffer.from("a=b\n"), Buffer.alloc(508)])],
  ])("is refused: %s", (_, bytes) => {
    expect(() => readAll(bytes)).toThrow(TarError);
  });

  test("is never more than what was given, whatever bytes it has", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4 * TAR_RECORD_BYTES }), fc.nat({ max: 3 }), (bytes, at) => {
        const noisy = Buffer.concat([archiveOf([{ entry: entry("a") }]).subarray(0, at * 128), Buffer.from(bytes)]);
        try {
          let total = 0;
          for (const part of new TarReader().read(noisy)) if (part.kind === "content") total += part.bytes.length;
          expect(total).toBeLessThanOrEqual(noisy.length);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(TarError);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("has no entry of a negative size, whose end would never come", () => {
    const negative = summed(Buffer.from(head.map((byte, at) => (at >= 124 && at < 136 ? 0xff : byte))));
    expect(() => [...new TarReader().read(Buffer.concat([negative, Buffer.alloc(1_024)]))]).toThrow(TarError);
  });

  test("is not gathered where headers without use follow each other", () => {
    const reader = new TarReader();
    for (const key of ["comment", "SCHILY.xattr.user.x", "atime"]) {
      expect([...reader.read(paxHeader(key, "v".repeat(60_000)))]).toEqual([]);
      expect(reader.isBetweenEntries).toBe(true);
    }
  });

  test.each(["GNU.sparse.major", "GNU.sparse.map", "GNU.sparse.numblocks"])(
    "is no file where it says %s: its bytes are not the content",
    (key) => {
      const [whole] = readAll(Buffer.concat([paxHeader(key, "1"), archiveOf([{ entry: entry("sparse") }])]));
      expect(whole?.entry.kind).toBe("other");
    },
  );

  test("keeps a bounded part of an extension", () => {
    expect(TAR_EXTENSION_MAX_BYTES).toBeLessThanOrEqual(65_536);
  });
});

/** With the checksum that it should have. */
function summed(head: Buffer): Buffer {
  head.fill(0x20, 148, 156);
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return head;
}

function extension(type: number, size: number): Buffer {
  const head = Buffer.from(tarHeader(entry("pax", { size })));
  head[156] = type;
  return summed(head);
}

function paxHeader(key: string, value: string): Buffer {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length + 1;
  while (`${length}${rest}`.length !== length) length += 1;
  return Buffer.concat([extension(0x78, length), Buffer.from(`${length}${rest}`), Buffer.alloc(tarPadding(length))]);
}
