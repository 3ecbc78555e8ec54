import { type ChildProcess, spawn } from "node:child_process";
import fs, {
  chmodSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { describe, expect, test } from "vitest";
import { writeFile } from "../../src/filesystem/index.ts";
import { type OsCalls, systemCalls } from "../../src/filesystem/os-calls.ts";
import {
  callsWith,
  descriptorsBelow,
  errno,
  faultOf,
  isLinux,
  isRoot,
  makeFifo,
  namesIn,
  tempFolder,
} from "./helpers.ts";

function mode(path: string) {
  return statSync(path).mode & 0o7777;
}

const DATA = Buffer.from("new content");

describe("writeFile", () => {
  test("creates a file with the default mode and leaves nothing else", async () => {
    using folder = tempFolder();
    await writeFile(folder.bytes("f"), DATA);
    expect(readFileSync(folder.at("f"))).toEqual(DATA);
    expect(mode(folder.at("f"))).toBe(0o666 & ~process.umask());
    expect(namesIn(folder.path)).toEqual(["f"]);
  });

  test.each([0o600, 0o644, 0o755, 0o4755])("keeps the mode %o of an existing file", async (bits) => {
    using folder = tempFolder();
    writeFileSync(folder.at("f"), "old and longer than the new content");
    chmodSync(folder.at("f"), bits);
    await writeFile(folder.bytes("f"), DATA);
    expect(readFileSync(folder.at("f"))).toEqual(DATA);
    expect(mode(folder.at("f"))).toBe(isRoot ? bits : bits & 0o777);
    expect(namesIn(folder.path)).toEqual(["f"]);
  });

  test("replaces a file with one name in one step: who has it open keeps the old content", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("f"), "old");
    const reader = fs.openSync(folder.at("f"), "r");
    try {
      await writeFile(folder.bytes("f"), DATA);
      expect(readFileSync(reader, "utf8")).toBe("old");
    } finally {
      fs.closeSync(reader);
    }
  });

  test.each(["short", "something longer than the new content"])(
    "keeps hard links joined, old content %j",
    async (old) => {
      using folder = tempFolder();
      writeFileSync(folder.at("a"), old);
      linkSync(folder.at("a"), folder.at("b"));
      const { ino } = statSync(folder.at("a"));
      await writeFile(folder.bytes("b"), DATA);
      expect(readFileSync(folder.at("a"))).toEqual(DATA);
      expect([statSync(folder.at("a")).ino, statSync(folder.at("b")).ino]).toEqual([ino, ino]);
      expect(namesIn(folder.path)).toEqual(["a", "b"]);
    },
  );

  test("empties a file with several names", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("a"), "old");
    linkSync(folder.at("a"), folder.at("b"));
    await writeFile(folder.bytes("a"), Buffer.alloc(0));
    expect(readFileSync(folder.at("b"), "utf8")).toBe("");
  });

  test("follows links and leaves them links", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("d"));
    writeFileSync(folder.at("d/f"), "old");
    symlinkSync("d/f", folder.at("one"));
    symlinkSync("one", folder.at("two"));
    await writeFile(folder.bytes("two"), DATA);
    expect(readFileSync(folder.at("d/f"))).toEqual(DATA);
    expect([readlinkSync(folder.at("one")), readlinkSync(folder.at("two"))]).toEqual(["d/f", "one"]);
    expect([namesIn(folder.path), namesIn(folder.at("d"))]).toEqual([["d", "one", "two"], ["f"]]);
  });

  test("creates the target of a dangling link, through several and absolute ones", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("d"));
    symlinkSync("d/two", folder.at("one"));
    symlinkSync(folder.at("end"), folder.at("d/two"));
    await writeFile(folder.bytes("one"), DATA);
    expect(readFileSync(folder.at("end"))).toEqual(DATA);
    expect(namesIn(folder.path)).toEqual(["d", "end", "one"]);
  });

  test.each([
    ["a directory", "d", "other", "Is a directory (os error 21)"],
    ["a missing parent", "zz/f", "not-found", "No such file or directory (os error 2)"],
    ["a parent that is a file", "f/x", "other", "Not a directory (os error 20)"],
  ])("refuses %s", async (_what, name, kind, message) => {
    using folder = tempFolder();
    mkdirSync(folder.at("d"));
    writeFileSync(folder.at("f"), "old");
    expect(await faultOf(writeFile(folder.bytes(name), DATA))).toEqual({ kind, message });
    expect([namesIn(folder.path), namesIn(folder.at("d"))]).toEqual([["d", "f"], []]);
  });

  test("writes names that are not UTF-8", async () => {
    using folder = tempFolder();
    if (!isLinux) return;
    const path = folder.bytes(Buffer.from([0xff, 0xfe]));
    await writeFile(path, DATA);
    await writeFile(path, Buffer.from("again"));
    expect(readFileSync(path, "utf8")).toBe("again");
  });

  test("writes to a device and reports a full one", async () => {
    await writeFile(Buffer.from("/dev/null"), DATA);
    expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
    if (isLinux) {
      expect(await faultOf(writeFile(Buffer.from("/dev/full"), DATA))).toEqual({
        kind: "other",
        message: "No space left on device (os error 28)",
      });
    }
  });

  test("reports a FIFO without a reader instead of waiting for one", async () => {
    using folder = tempFolder();
    makeFifo(folder.at("fifo"));
    expect(await faultOf(writeFile(folder.bytes("fifo"), DATA))).toEqual({
      kind: "other",
      message: "No such device or address (os error 6)",
    });
  });

  test("hands a FIFO's reader more than the FIFO holds", async () => {
    using folder = tempFolder();
    makeFifo(folder.at("fifo"));
    const holder = fs.openSync(folder.at("fifo"), "r+");
    let reader: ChildProcess | undefined;
    try {
      reader = spawn("head", ["-c", "300000", folder.at("fifo")], { stdio: ["ignore", "pipe", "inherit"] });
      let received = 0;
      reader.stdout?.on("data", (chunk: Buffer) => {
        received += chunk.length;
      });
      const ended = new Promise((resolve) => reader?.once("close", resolve));
      await writeFile(folder.bytes("fifo"), Buffer.alloc(300_000, "x"));
      await ended;
      expect(received).toBe(300_000);
    } finally {
      reader?.kill();
      fs.closeSync(holder);
    }
  });

  test.skipIf(isRoot)("refuses a read-only file, although its folder would take a new one", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("f"), "old", { mode: 0o444 });
    expect((await faultOf(writeFile(folder.bytes("f"), DATA))).kind).toBe("permission-denied");
    expect(readFileSync(folder.at("f"), "utf8")).toBe("old");
  });

  test("asks the file itself whether it may be written before anything is put in its place", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("f"), "old");
    const target = folder.bytes("f");
    const calls = callsWith({
      open: (path, ...rest) =>
        path.equals(target) ? Promise.reject(errno("EACCES")) : systemCalls.open(path, ...rest),
    });
    expect(await faultOf(writeFile(target, DATA, {}, calls))).toEqual({
      kind: "permission-denied",
      message: "Permission denied (os error 13)",
    });
    expect([readFileSync(folder.at("f"), "utf8"), namesIn(folder.path)]).toEqual(["old", ["f"]]);
  });

  test.each<[string, Partial<OsCalls>]>([
    [
      "the folder takes no new file",
      {
        open: (path, flags, m) =>
          (flags & fs.constants.O_EXCL) !== 0 ? Promise.reject(errno("EACCES")) : systemCalls.open(path, flags, m),
      },
    ],
    [
      "the owner can not be carried over",
      {
        lstat: async (path) =>
          Object.assign(await systemCalls.lstat(path), { uid: path.includes(".holdfast-") ? 54321n : 0n }),
        lchown: () => Promise.reject(errno("EPERM")),
      },
    ],
    ["the rename is refused", { rename: () => Promise.reject(errno("EBUSY")) }],
  ])("writes in place when %s", async (_why, replaced) => {
    using folder = tempFolder();
    writeFileSync(folder.at("f"), "old");
    const { ino } = statSync(folder.at("f"));
    await writeFile(folder.bytes("f"), DATA, {}, callsWith(replaced));
    expect(readFileSync(folder.at("f"))).toEqual(DATA);
    expect(statSync(folder.at("f")).ino).toBe(ino);
    expect(namesIn(folder.path)).toEqual(["f"]);
  });

  test.skipIf(!isLinux)("gives back every descriptor, on success and on failure", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("a"), "old");
    linkSync(folder.at("a"), folder.at("b"));
    mkdirSync(folder.at("d"));
    await writeFile(folder.bytes("a"), DATA);
    await writeFile(folder.bytes("new"), DATA);
    await faultOf(writeFile(folder.bytes("d"), DATA));
    await faultOf(
      writeFile(folder.bytes("new"), DATA, {}, callsWith({ write: () => Promise.reject(errno("ENOSPC")) })),
    );
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });
});

describe.skipIf(!isLinux)("writeFile without following links", () => {
  test("creates and replaces what is reached without a link", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("d"));
    await writeFile(folder.bytes("d/f"), Buffer.from("one"), { followSymlinks: false });
    await writeFile(folder.bytes("d/f"), DATA, { followSymlinks: false });
    expect(readFileSync(folder.at("d/f"))).toEqual(DATA);
    expect(namesIn(folder.at("d"))).toEqual(["f"]);
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  test.each([
    ["a link", "l", "Symbolic link loop (os error 40)"],
    ["a dangling link", "dangling", "Symbolic link loop (os error 40)"],
    ["a link in the middle", "dl/f", "Not a directory (os error 20)"],
    ["a directory", "d", "Is a directory (os error 21)"],
  ])("refuses %s", async (_what, name, message) => {
    using folder = tempFolder();
    mkdirSync(folder.at("d"));
    writeFileSync(folder.at("d/f"), "old");
    symlinkSync("d/f", folder.at("l"));
    symlinkSync("d", folder.at("dl"));
    symlinkSync("zz", folder.at("dangling"));
    const before = namesIn(folder.path);
    expect(await faultOf(writeFile(folder.bytes(name), DATA, { followSymlinks: false }))).toEqual({
      kind: "other",
      message,
    });
    expect(readFileSync(folder.at("d/f"), "utf8")).toBe("old");
    expect(namesIn(folder.path)).toEqual(before);
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });
});
