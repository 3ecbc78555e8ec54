import { appendFileSync, chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readFile } from "../../src/filesystem/index.ts";
import { TRANSFER_CHUNK_BYTES } from "../../src/filesystem/limits.ts";
import { systemCalls } from "../../src/filesystem/os-calls.ts";
import { callsWith, descriptorsBelow, errno, faultOf, isLinux, isRoot, makeFifo, tempFolder } from "./helpers.ts";

describe("readFile", () => {
  test("answers the bytes of a file, through links too", async () => {
    using folder = tempFolder();
    const bytes = Buffer.from([0, 255, 10, 13, 128]);
    writeFileSync(folder.at("f"), bytes);
    symlinkSync("f", folder.at("l"));
    expect(await readFile(folder.bytes("f"))).toEqual(bytes);
    expect(await readFile(folder.bytes("l"))).toEqual(bytes);
    expect(await readFile(folder.bytes("f/"))).toEqual(bytes);
  });

  test("answers no bytes for an empty file and all of one above the transfer chunk", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("empty"), "");
    const large = Buffer.alloc(9 * 1024 * 1024, "0123456789");
    writeFileSync(folder.at("large"), large);
    expect((await readFile(folder.bytes("empty"))).length).toBe(0);
    expect((await readFile(folder.bytes("large"))).equals(large)).toBe(true);
  });

  test.skipIf(!isLinux)("reads files whose size the system gives as 0", async () => {
    expect((await readFile(Buffer.from("/proc/self/status"))).toString()).toContain("Name:");
  });

  test.each([
    ["a directory", "d"],
    ["a FIFO without a writer", "fifo"],
    ["a link to a directory", "dl"],
  ])("refuses %s as not a file, without hanging", async (_what, name) => {
    using folder = tempFolder();
    mkdirSync(folder.at("d"));
    symlinkSync("d", folder.at("dl"));
    makeFifo(folder.at("fifo"));
    expect(await faultOf(readFile(folder.bytes(name)))).toEqual({
      kind: "invalid-input",
      message: `path \`${folder.at(name)}\` is not a file`,
    });
  });

  test("refuses a device", async () => {
    expect(await faultOf(readFile(Buffer.from("/dev/zero")))).toEqual({
      kind: "invalid-input",
      message: "path `/dev/zero` is not a file",
    });
  });

  test("does not hang on a FIFO that takes the file's place after the first look", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("f"), "");
    makeFifo(folder.at("fifo"));
    const calls = callsWith({ stat: () => systemCalls.stat(folder.bytes("f")) });
    expect((await faultOf(readFile(folder.bytes("fifo"), {}, calls))).kind).toBe("invalid-input");
    expect(isLinux ? descriptorsBelow(folder.path) : []).toEqual([]);
  });

  test.each([
    ["a missing file", "zz", "not-found", "No such file or directory (os error 2)"],
    ["a dangling link", "dangling", "not-found", "No such file or directory (os error 2)"],
    ["a path through a file", "f/x", "other", "Not a directory (os error 20)"],
  ])("reports %s in the system's words", async (_what, name, kind, message) => {
    using folder = tempFolder();
    writeFileSync(folder.at("f"), "");
    symlinkSync("zz", folder.at("dangling"));
    expect(await faultOf(readFile(folder.bytes(name)))).toEqual({ kind, message });
  });

  test.skipIf(!isLinux)("reports a loop of links", async () => {
    using folder = tempFolder();
    symlinkSync("loop", folder.at("loop"));
    expect(await faultOf(readFile(folder.bytes("loop")))).toEqual({
      kind: "other",
      message: "Symbolic link loop (os error 40)",
    });
  });

  test.skipIf(isRoot)("reports a file that may not be read", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("f"), "");
    chmodSync(folder.at("f"), 0);
    expect((await faultOf(readFile(folder.bytes("f")))).kind).toBe("permission-denied");
  });

  test("maps a refused permission to its kind and text", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("f"), "");
    const calls = callsWith({ open: () => Promise.reject(errno("EACCES")) });
    expect(await faultOf(readFile(folder.bytes("f"), {}, calls))).toEqual({
      kind: "permission-denied",
      message: "Permission denied (os error 13)",
    });
  });

  test.each(["relative", "/a\0b"])("refuses %j as a path", async (path) => {
    expect((await faultOf(readFile(Buffer.from(path)))).kind).toBe("invalid-input");
  });

  test("takes a file of exactly the limit and refuses one byte more", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("f"), "12345");
    expect((await readFile(folder.bytes("f"), { maxBytes: 5 })).toString()).toBe("12345");
    expect(await faultOf(readFile(folder.bytes("f"), { maxBytes: 4 }))).toEqual({
      kind: "invalid-input",
      message: "file is too large to read: limit is 4 bytes",
    });
  });

  test("refuses by default what is above 512 MiB", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("f"), "");
    truncateSync(folder.at("f"), 536_870_913);
    expect((await faultOf(readFile(folder.bytes("f")))).message).toBe(
      "file is too large to read: limit is 536870912 bytes",
    );
  });

  test("reads on when the file grows meanwhile, up to the limit", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("f"), "start");
    const grow = (extra: Buffer) => {
      let grown = false;
      return callsWith({
        read: async (...args) => {
          if (!grown) appendFileSync(folder.at("f"), extra);
          grown = true;
          return systemCalls.read(...args);
        },
      });
    };
    const content = await readFile(folder.bytes("f"), {}, grow(Buffer.alloc(40_000, "x")));
    expect(content.length).toBe(40_005);
    const refused = await faultOf(readFile(folder.bytes("f"), { maxBytes: 40_005 }, grow(Buffer.from("y"))));
    expect(refused.message).toBe("file is too large to read: limit is 40005 bytes");
  });

  test("answers what is left when the file shrinks meanwhile", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("f"), "0123456789");
    const calls = callsWith({
      read: (...args) => {
        truncateSync(folder.at("f"), 4);
        return systemCalls.read(...args);
      },
    });
    expect((await readFile(folder.bytes("f"), {}, calls)).toString()).toBe("0123");
  });

  test("stops with the reason of an abort and gives the descriptor back", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("f"), Buffer.alloc(TRANSFER_CHUNK_BYTES + 1));
    const controller = new AbortController();
    const calls = callsWith({
      read: (...args) => {
        controller.abort(new Error("enough"));
        return systemCalls.read(...args);
      },
    });
    await expect(readFile(folder.bytes("f"), { signal: controller.signal }, calls)).rejects.toThrow("enough");
    expect(isLinux ? descriptorsBelow(folder.path) : []).toEqual([]);
  });

  test.skipIf(!isLinux)("opens names that are not UTF-8", async () => {
    using folder = tempFolder();
    const name = Buffer.from([0x61, 0xff, 0x09, 0x0a]);
    writeFileSync(folder.bytes(name), "odd");
    expect((await readFile(folder.bytes(name))).toString()).toBe("odd");
  });
});

describe.skipIf(!isLinux)("readFile without following links", () => {
  test("reads a file that is reached without a link", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("d"));
    writeFileSync(folder.at("d/f"), "here");
    expect((await readFile(folder.bytes("d/f"), { followSymlinks: false })).toString()).toBe("here");
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  test.each([
    ["a link", "l", "other", "Symbolic link loop (os error 40)"],
    ["a link in the middle", "dl/f", "other", "Not a directory (os error 20)"],
    ["a directory", "d", "invalid-input", "path is not a regular file"],
    ["a FIFO", "fifo", "invalid-input", "path is not a regular file"],
    ["a missing file", "zz", "not-found", "No such file or directory (os error 2)"],
  ])("refuses %s", async (_what, name, kind, message) => {
    using folder = tempFolder();
    mkdirSync(folder.at("d"));
    writeFileSync(folder.at("d/f"), "");
    symlinkSync("d/f", folder.at("l"));
    symlinkSync("d", folder.at("dl"));
    makeFifo(folder.at("fifo"));
    expect(await faultOf(readFile(folder.bytes(name), { followSymlinks: false }))).toEqual({ kind, message });
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  test("is not led astray by a link that takes a folder's place while it is on its way", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("safe"));
    mkdirSync(folder.at("secret"));
    writeFileSync(folder.at("safe/f"), "safe");
    writeFileSync(folder.at("secret/f"), "secret");
    const { renameSync } = await import("node:fs");
    const calls = callsWith({
      lstat: (path) => {
        // The parent is held by now: swap what its name leads to.
        renameSync(folder.at("safe"), folder.at("moved"));
        symlinkSync("secret", folder.at("safe"));
        return systemCalls.lstat(path);
      },
    });
    expect((await readFile(folder.bytes("safe/f"), { followSymlinks: false }, calls)).toString()).toBe("safe");
  });
});
