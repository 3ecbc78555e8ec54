import {
  chmodSync,
  constants,
  existsSync,
  fstatSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { describe, expect, test } from "vitest";
import { copy } from "../../src/filesystem/index.ts";
import { systemCalls } from "../../src/filesystem/os-calls.ts";
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

const once = { recursive: false };
const all = { recursive: true };

describe("copy of a file", () => {
  test("copies content and mode to a new name", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("a"), "content");
    chmodSync(folder.at("a"), 0o4751);
    await copy(folder.bytes("a"), folder.bytes("b"), once);
    expect(readFileSync(folder.at("b"), "utf8")).toBe("content");
    // Without privileges the system clears the set-id bits of what is written to.
    expect(mode(folder.at("b"))).toBe(isRoot ? 0o4751 : 0o751);
    expect(namesIn(folder.path)).toEqual(["a", "b"]);
    expect(isLinux ? descriptorsBelow(folder.path) : []).toEqual([]);
  });

  test("overwrites a file, mode included, and keeps hard links joined", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("a"), "new");
    chmodSync(folder.at("a"), 0o751);
    writeFileSync(folder.at("b"), "the old content", { mode: 0o600 });
    writeFileSync(folder.at("c"), "the old content", { mode: 0o600 });
    linkSync(folder.at("c"), folder.at("d"));
    await copy(folder.bytes("a"), folder.bytes("b"), once);
    await copy(folder.bytes("a"), folder.bytes("c"), once);
    expect(["b", "c", "d"].map((name) => readFileSync(folder.at(name), "utf8"))).toEqual(["new", "new", "new"]);
    expect([mode(folder.at("b")), mode(folder.at("d"))]).toEqual([0o751, 0o751]);
    expect(statSync(folder.at("d")).nlink).toBe(2);
    expect(namesIn(folder.path)).toEqual(["a", "b", "c", "d"]);
  });

  test("follows the destination's link, also a dangling one", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("a"), "new");
    writeFileSync(folder.at("t"), "old");
    symlinkSync("t", folder.at("l"));
    symlinkSync("made", folder.at("dangling"));
    await copy(folder.bytes("a"), folder.bytes("l"), once);
    await copy(folder.bytes("a"), folder.bytes("dangling"), once);
    expect([readFileSync(folder.at("t"), "utf8"), readFileSync(folder.at("made"), "utf8")]).toEqual(["new", "new"]);
    expect(readlinkSync(folder.at("l"))).toBe("t");
  });

  test.each([
    ["the very path", "a", "a"],
    ["a spelling with dots", "a", "d/../a"],
    ["a hard link", "a", "hard"],
    ["a link to it", "a", "soft"],
    ["itself through a linked folder", "a", "here/a"],
  ])("leaves a file alone that is copied onto %s", async (_what, from, to) => {
    using folder = tempFolder();
    writeFileSync(folder.at("a"), "precious");
    linkSync(folder.at("a"), folder.at("hard"));
    symlinkSync("a", folder.at("soft"));
    symlinkSync(".", folder.at("here"));
    mkdirSync(folder.at("d"));
    const untouched = () => Promise.reject(new Error("nothing is to be written"));
    const calls = callsWith({ cloneToNew: untouched, write: untouched, ftruncate: untouched });
    await copy(folder.bytes(from), Buffer.from(`${folder.path}/${to}`), once, calls);
    expect(readFileSync(folder.at("hard"), "utf8")).toBe("precious");
    expect(namesIn(folder.path)).toEqual(["a", "d", "hard", "here", "soft"]);
  });

  test("copies to a device", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("a"), "x");
    await copy(folder.bytes("a"), Buffer.from("/dev/null"), once);
    expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
  });

  test.each([
    ["onto a directory", "a", "d", "other", "Is a directory (os error 21)"],
    ["below a missing parent", "a", "zz/b", "not-found", "No such file or directory (os error 2)"],
    ["from a missing path", "zz", "b", "not-found", "No such file or directory (os error 2)"],
    ["from a FIFO", "fifo", "b", "invalid-input", "fs/copy only supports regular files, directories, and symlinks"],
    ["to a FIFO without a reader", "a", "fifo", "other", "No such device or address (os error 6)"],
  ])("is refused %s", async (_what, from, to, kind, message) => {
    using folder = tempFolder();
    writeFileSync(folder.at("a"), "x");
    mkdirSync(folder.at("d"));
    makeFifo(folder.at("fifo"));
    expect(await faultOf(copy(folder.bytes(from), folder.bytes(to), all))).toEqual({ kind, message });
    expect(namesIn(folder.path)).toEqual(["a", "d", "fifo"]);
  });

  test("leaves nothing of a copy that broke off, and the old destination whole", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("a"), "new");
    writeFileSync(folder.at("b"), "old");
    const calls = callsWith({
      write: async (fd) => {
        await systemCalls.write(fd, Buffer.from("ne"), 0, 2, 0);
        throw errno("ENOSPC");
      },
    });
    for (const name of ["b", "c"]) {
      expect((await faultOf(copy(folder.bytes("a"), folder.bytes(name), once, calls))).message).toBe(
        "No space left on device (os error 28)",
      );
    }
    expect(readFileSync(folder.at("b"), "utf8")).toBe("old");
    expect(namesIn(folder.path)).toEqual(["a", "b"]);
  });

  test("copies in place what a folder takes no new file for", async () => {
    using folder = tempFolder();
    const large = Buffer.alloc(9 * 1024 * 1024, "0123456789");
    writeFileSync(folder.at("a"), large);
    writeFileSync(folder.at("b"), "old");
    const calls = callsWith({
      open: (path, flags, mode) =>
        (flags & constants.O_CREAT) === 0 ? systemCalls.open(path, flags, mode) : Promise.reject(errno("EACCES")),
    });
    await copy(folder.bytes("a"), folder.bytes("b"), once, calls);
    expect(readFileSync(folder.at("b")).equals(large)).toBe(true);
  });
});

const VIRTUAL = ["/proc/version", "/sys/kernel/mm/transparent_hugepage/enabled", "/proc/self/maps"].filter(
  (path) => isLinux && existsSync(path) && readFileSync(path).length > 0,
);

describe("copy of a file whose size is not what reads give", () => {
  test.each(VIRTUAL)("takes what they give: %s", async (path) => {
    using folder = tempFolder();
    const isSame = (name: string) => {
      const [copied, now] = [readFileSync(folder.at(name)), readFileSync(path)];
      return path.endsWith("maps") ? copied.length > 1000 : copied.equals(now);
    };
    await copy(Buffer.from(path), folder.bytes("new"), once);
    writeFileSync(folder.at("replaced"), "old");
    await copy(Buffer.from(path), folder.bytes("replaced"), once);
    // Written in place, because of its second name, and longer or shorter than what comes.
    for (const length of [3, 1_000_000]) {
      const name = `linked${length}`;
      writeFileSync(folder.at(name), Buffer.alloc(length, "o"));
      linkSync(folder.at(name), folder.at(`${name}.other`));
      await copy(Buffer.from(path), folder.bytes(name), once);
      expect(isSame(`${name}.other`)).toBe(true);
    }
    expect([isSame("new"), isSame("replaced")]).toEqual([true, true]);
  });

  test.each(["new", "replaced", "linked"])("ends where it was cut meanwhile, at a name that is %s", async (name) => {
    using folder = tempFolder();
    const whole = Buffer.alloc(5 * 1024 * 1024, "0123456789");
    writeFileSync(folder.at("a"), whole);
    if (name !== "new") writeFileSync(folder.at(name), Buffer.alloc(20 * 1024 * 1024, "o"));
    if (name === "linked") linkSync(folder.at(name), folder.at("other"));
    let reads = 0;
    const calls = callsWith({
      cloneToNew: () => Promise.reject(errno("ENOTSUP")),
      read: async (fd, into, offset, length, position) => {
        const isSource = fstatSync(fd).size <= whole.length;
        const count = await systemCalls.read(fd, into, offset, Math.min(length, 1_000_000), position);
        reads += isSource && count > 0 ? 1 : 0;
        if (reads === 2) truncateSync(folder.at("a"), 1000);
        return count;
      },
    });
    await copy(folder.bytes("a"), folder.bytes(name), once, calls);
    expect(readFileSync(folder.at(name)).equals(whole.subarray(0, 2_000_000))).toBe(true);
  });

  test.each(["new", "replaced", "linked"])(
    "given up in the middle, leaves a name that is %s as it was",
    async (name) => {
      using folder = tempFolder();
      writeFileSync(folder.at("a"), Buffer.alloc(5 * 1024 * 1024));
      if (name !== "new") writeFileSync(folder.at(name), "old");
      if (name === "linked") linkSync(folder.at(name), folder.at("other"));
      const before = namesIn(folder.path);
      const controller = new AbortController();
      const calls = callsWith({
        cloneToNew: () => Promise.reject(errno("ENOTSUP")),
        write: async (fd, from, offset, length, position) => {
          controller.abort(new Error("the session has ended"));
          return systemCalls.write(fd, from, offset, Math.min(length, 100), position);
        },
      });
      const copying = copy(folder.bytes("a"), folder.bytes(name), { ...once, signal: controller.signal }, calls);
      await expect(copying).rejects.toThrow("the session has ended");
      expect(namesIn(folder.path)).toEqual(before);
      if (name !== "new") expect(readFileSync(folder.at(name), "utf8")).toBe("old");
    },
  );
});

describe("copy of a link", () => {
  test("makes it anew with the same text", async () => {
    using folder = tempFolder();
    symlinkSync("../any/where", folder.at("l"));
    await copy(folder.bytes("l"), folder.bytes("m"), once);
    expect(readlinkSync(folder.at("m"))).toBe("../any/where");
  });

  test("refuses an existing name and leaves a link onto itself alone", async () => {
    using folder = tempFolder();
    symlinkSync("zz", folder.at("l"));
    writeFileSync(folder.at("f"), "kept");
    expect(await faultOf(copy(folder.bytes("l"), folder.bytes("f"), once))).toEqual({
      kind: "other",
      message: "File exists (os error 17)",
    });
    await copy(folder.bytes("l"), folder.bytes("l"), once);
    expect([readFileSync(folder.at("f"), "utf8"), readlinkSync(folder.at("l"))]).toEqual(["kept", "zz"]);
  });
});

describe("copy of a directory", () => {
  test("merges, overwrites files, makes links anew, leaves special files out, creates missing parents", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("s/in"), { recursive: true });
    writeFileSync(folder.at("s/f"), "new");
    writeFileSync(folder.at("s/in/g"), "g");
    symlinkSync("in", folder.at("s/l"));
    makeFifo(folder.at("s/fifo"));
    mkdirSync(folder.at("t"));
    writeFileSync(folder.at("t/f"), "old");
    writeFileSync(folder.at("t/other"), "kept");
    await copy(folder.bytes("s"), folder.bytes("t"), all);
    await copy(folder.bytes("s"), folder.bytes("x/y"), all);
    expect(namesIn(folder.at("t"))).toEqual(["f", "in", "l", "other"]);
    expect(namesIn(folder.at("x/y"))).toEqual(["f", "in", "l"]);
    expect(readFileSync(folder.at("t/f"), "utf8")).toBe("new");
    expect(readFileSync(folder.at("x/y/in/g"), "utf8")).toBe("g");
    expect(lstatSync(folder.at("t/l")).isSymbolicLink()).toBe(true);
  });

  test("copies names that are not UTF-8", async () => {
    using folder = tempFolder();
    if (!isLinux) return;
    const name = Buffer.from([0xff, 0x09, 0x0a]);
    mkdirSync(folder.bytes("s", name), { recursive: true });
    writeFileSync(folder.bytes("s", name, name), "odd");
    await copy(folder.bytes("s"), folder.bytes("t"), all);
    expect(readFileSync(folder.bytes("t", name, name), "utf8")).toBe("odd");
  });

  test("aborts at a link whose name is taken", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("s"));
    mkdirSync(folder.at("t"));
    symlinkSync("new", folder.at("s/l"));
    symlinkSync("old", folder.at("t/l"));
    expect((await faultOf(copy(folder.bytes("s"), folder.bytes("t"), all))).message).toBe("File exists (os error 17)");
    expect(readlinkSync(folder.at("t/l"))).toBe("old");
  });

  const INTO_ITSELF = "fs/copy cannot copy a directory to itself or one of its descendants";
  test.each([
    ["without recursive", "t", false, "fs/copy requires recursive: true when sourcePath is a directory"],
    ["onto itself", "s", true, INTO_ITSELF],
    ["into itself", "s/a/b", true, INTO_ITSELF],
    ["into itself through a link", "sl/a/b", true, INTO_ITSELF],
    ["into itself by dots", "t/../s/a", true, INTO_ITSELF],
  ])("is refused %s", async (_what, to, recursive, message) => {
    using folder = tempFolder();
    mkdirSync(folder.at("s"));
    mkdirSync(folder.at("t"));
    symlinkSync("s", folder.at("sl"));
    const target = Buffer.from(`${folder.path}/${to}`);
    expect(await faultOf(copy(folder.bytes("s"), target, { recursive }))).toEqual({ kind: "invalid-input", message });
    expect([namesIn(folder.at("s")), namesIn(folder.path)]).toEqual([[], ["s", "sl", "t"]]);
  });

  test("is refused onto a file", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("s"));
    writeFileSync(folder.at("f"), "kept");
    expect((await faultOf(copy(folder.bytes("s"), folder.bytes("f"), all))).message).toBe("File exists (os error 17)");
    expect(readFileSync(folder.at("f"), "utf8")).toBe("kept");
  });

  test("stops between files when told to", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("s"));
    for (let each = 0; each < 50; each += 1) symlinkSync("nowhere", folder.at("s", `link${each}`));
    const controller = new AbortController();
    const calls = callsWith({
      symlink: async (target, path) => {
        controller.abort(new Error("enough"));
        await systemCalls.symlink(target, path);
      },
    });
    const copying = copy(folder.bytes("s"), folder.bytes("t"), { ...all, signal: controller.signal }, calls);
    await expect(copying).rejects.toThrow("enough");
    expect(namesIn(folder.at("t")).length).toBeLessThan(50);
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  test("takes no more descriptors for a chain of folders than for one", async () => {
    using folder = tempFolder();
    const names = Array.from({ length: 200 }, () => "d");
    mkdirSync(folder.at("s", ...names), { recursive: true });
    writeFileSync(folder.at("s", ...names, "f"), "deep");
    let [open, most] = [0, 0];
    const calls = callsWith({
      open: async (...args) => {
        open += 1;
        most = Math.max(most, open);
        return systemCalls.open(...args);
      },
      close: async (fd) => {
        open -= 1;
        return systemCalls.close(fd);
      },
    });
    await copy(folder.bytes("s"), folder.bytes("t"), all, calls);
    expect(readFileSync(folder.at("t", ...names, "f"), "utf8")).toBe("deep");
    expect(open).toBe(0);
    expect(most).toBeLessThan(8);
  });

  test.runIf(isLinux).each([
    ["source", "Not a directory (os error 20)"],
    ["copy", "Not a directory (os error 20)"],
  ])("goes through no link that takes the place of a folder of the %s", async (side, message) => {
    using folder = tempFolder();
    mkdirSync(folder.at("s/in"), { recursive: true });
    mkdirSync(folder.at("outside"));
    writeFileSync(folder.at("outside/secret"), "secret");
    writeFileSync(folder.at("s/in/secret"), "mine");
    const calls = callsWith({
      mkdir: async (path, mode) => {
        await systemCalls.mkdir(path, mode);
        if (!path.toString().endsWith("/in")) return;
        const swapped = folder.at(side === "source" ? "s/in" : "t/in");
        renameSync(swapped, `${swapped}.old`);
        symlinkSync(folder.at("outside"), swapped);
      },
    });
    expect((await faultOf(copy(folder.bytes("s"), folder.bytes("t"), all, calls))).message).toBe(message);
    expect(namesIn(folder.at("outside"))).toEqual(["secret"]);
    expect(readFileSync(folder.at("outside/secret"), "utf8")).toBe("secret");
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });
});
