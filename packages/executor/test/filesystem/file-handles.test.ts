import { existsSync, mkdirSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { FileHandles, OperationOrder } from "../../src/filesystem/index.ts";
import { systemCalls } from "../../src/filesystem/os-calls.ts";
import { callsWith, descriptorsBelow, errno, faultOf, isLinux, makeFifo, tempFolder } from "./helpers.ts";

/** A gate that holds calls until it is opened. */
function gate() {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, passed };
}

async function withHandles(run: (handles: FileHandles) => Promise<void>, handles = new FileHandles()) {
  try {
    await run(handles);
  } finally {
    await handles.closeAll();
  }
}

describe("FileHandles for reading", () => {
  test("read blocks and tell the end only when fewer bytes came than asked", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("f"), "0123456789");
    await withHandles(async (handles) => {
      await handles.open("h", folder.bytes("f"));
      const read = async (offset: number, length: number) => {
        const { chunk, eof } = await handles.readBlock("h", offset, length);
        return [chunk.toString(), eof];
      };
      expect(await read(0, 4)).toEqual(["0123", false]);
      expect(await read(6, 4)).toEqual(["6789", false]);
      expect(await read(10, 4)).toEqual(["", true]);
      expect(await read(8, 4)).toEqual(["89", true]);
      expect(await read(2 ** 53 - 2, 4)).toEqual(["", true]);
      expect(await read(2 ** 62, 4)).toEqual(["", true]);
      expect(await read(2 ** 63 - 1_024, 1_023)).toEqual(["", true]);
    });
  });

  test("fill a block however little each call answers", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("f"), "0123456789");
    const calls = callsWith({
      read: (fd, into, offset, _length, position) => systemCalls.read(fd, into, offset, 1, position),
    });
    await withHandles(async (handles) => {
      await handles.open("h", folder.bytes("f"));
      expect((await handles.readBlock("h", 2, 5)).chunk.toString()).toBe("23456");
    }, new FileHandles({ calls }));
  });

  test("keep reading the old file when its path is replaced", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("f"), "old");
    writeFileSync(folder.at("g"), "new");
    await withHandles(async (handles) => {
      await handles.open("h", folder.bytes("f"));
      renameSync(folder.at("g"), folder.at("f"));
      expect((await handles.readBlock("h", 0, 10)).chunk.toString()).toBe("old");
    });
  });

  test("refuse lengths outside 1 to 1,048,576 and stay open", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("f"), "x");
    await withHandles(async (handles) => {
      await handles.open("h", folder.bytes("f"));
      for (const length of [0, 1_048_577, -1]) {
        expect(await faultOf(handles.readBlock("h", 0, length))).toEqual({
          kind: "invalid-input",
          message: "file read block length must be between 1 and 1048576",
        });
      }
      expect((await handles.readBlock("h", 0, 1_048_576)).eof).toBe(true);
    });
  });

  test.each([
    [2 ** 63 - 1_024, 1_024],
    [2 ** 63, 4],
    [2 ** 64, 4],
  ])("are closed by an offset of %d with %d bytes, which no file has", async (offset, length) => {
    using folder = tempFolder();
    writeFileSync(folder.at("f"), "x");
    await withHandles(async (handles) => {
      await handles.open("h", folder.bytes("f"));
      expect(await faultOf(handles.readBlock("h", offset, length))).toEqual({
        kind: "invalid-input",
        message: "Invalid argument (os error 22)",
      });
      expect((await faultOf(handles.readBlock("h", 0, 4))).message).toBe("unknown file handle `h`");
    });
  });

  test("are closed by an error of the system", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("f"), "x");
    const calls = callsWith({ read: () => Promise.reject(errno("EIO")) });
    await withHandles(async (handles) => {
      await handles.open("h", folder.bytes("f"));
      expect(await faultOf(handles.readBlock("h", 0, 1))).toEqual({ kind: "other", message: "I/O error (os error 5)" });
      expect((await faultOf(handles.readBlock("h", 0, 1))).kind).toBe("not-found");
      expect(isLinux ? descriptorsBelow(folder.path) : []).toEqual([]);
      await handles.open("h", folder.bytes("f"));
    }, new FileHandles({ calls }));
  });

  test.each([
    ["a missing file", "zz", "read", "not-found", () => "No such file or directory (os error 2)"],
    ["a directory", "d", "read", "invalid-input", (at: string) => `path \`${at}\` is not a file`],
    ["a FIFO", "fifo", "read", "invalid-input", (at: string) => `path \`${at}\` is not a file`],
    ["a directory to replace", "d", "replace", "other", () => "Is a directory (os error 21)"],
    ["a FIFO to replace", "fifo", "replace", "invalid-input", (at: string) => `path \`${at}\` is not a file`],
    ["a missing folder to create in", "zz/f", "replace", "not-found", () => "No such file or directory (os error 2)"],
  ] as const)("are not opened for %s, and the id stays free", async (_what, name, mode, kind, message) => {
    using folder = tempFolder();
    mkdirSync(folder.at("d"));
    makeFifo(folder.at("fifo"));
    writeFileSync(folder.at("f"), "");
    await withHandles(async (handles) => {
      expect(await faultOf(handles.open("h", folder.bytes(name), mode))).toEqual({
        kind,
        message: message(folder.at(name)),
      });
      await handles.open("h", folder.bytes("f"));
    });
  });

  test("refuse a device to replace", async () => {
    await withHandles(async (handles) => {
      expect(await faultOf(handles.open("h", Buffer.from("/dev/null"), "replace"))).toEqual({
        kind: "invalid-input",
        message: "path `/dev/null` is not a file",
      });
    });
  });
});

describe("FileHandles for writing", () => {
  test("create a file, or empty one in place, through links too", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("f"), "old");
    symlinkSync("f", folder.at("l"));
    const { ino } = statSync(folder.at("f"));
    await withHandles(async (handles) => {
      await handles.open("new", folder.bytes("new"), "replace");
      await handles.open("l", folder.bytes("l"), "replace");
      expect([readFileSync(folder.at("new"), "utf8"), readFileSync(folder.at("f"), "utf8")]).toEqual(["", ""]);
      expect(statSync(folder.at("f")).ino).toBe(ino);
    });
  });

  test("write where they are told, leaving holes", async () => {
    using folder = tempFolder();
    await withHandles(async (handles) => {
      await handles.open("h", folder.bytes("f"), "replace");
      await handles.writeBlock("h", 4, Buffer.from("tail"));
      await handles.writeBlock("h", 0, Buffer.from("he"));
    });
    expect(readFileSync(folder.at("f"), "latin1")).toBe("he\0\0tail");
  });

  test.each([
    ["an empty chunk", 0, 0, "invalid-input", "file write block length must be between 1 and 1048576"],
    ["a chunk above 1 MiB", 0, 1_048_577, "invalid-input", "file write block length must be between 1 and 1048576"],
    [
      "an end above 2^63 - 1",
      2 ** 63 - 1_024,
      1_024,
      "invalid-input",
      "file write range exceeds the signed 64-bit file offset limit",
    ],
    ["an end at 2^63 - 1, more than a file can hold", 2 ** 63 - 1_024, 1_023, "other", "File too large (os error 27)"],
    ["an end above 2^53 - 1", 2 ** 53 - 1, 1, "other", "File too large (os error 27)"],
  ])("refuse %s and stay open", async (_what, offset, length, kind, message) => {
    using folder = tempFolder();
    await withHandles(async (handles) => {
      await handles.open("h", folder.bytes("f"), "replace");
      expect(await faultOf(handles.writeBlock("h", offset, Buffer.alloc(length)))).toEqual({ kind, message });
      await handles.writeBlock("h", 0, Buffer.from("x"));
    });
    expect(readFileSync(folder.at("f"), "utf8")).toBe("x");
  });

  test("can not be read: that closes them; writing to one for reading does not", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("f"), "abc");
    await withHandles(async (handles) => {
      await handles.open("w", folder.bytes("new"), "replace");
      await handles.open("r", folder.bytes("f"));
      const bad = { kind: "other", message: "Bad file descriptor (os error 9)" };
      expect(await faultOf(handles.readBlock("w", 0, 1))).toEqual(bad);
      expect((await faultOf(handles.writeBlock("w", 0, Buffer.from("x")))).message).toBe("unknown file handle `w`");
      expect(await faultOf(handles.writeBlock("r", 0, Buffer.from("x")))).toEqual(bad);
      expect((await handles.readBlock("r", 0, 3)).chunk.toString()).toBe("abc");
    });
  });

  test("keep the order of the calls on one handle", async () => {
    using folder = tempFolder();
    let first = true;
    const calls = callsWith({
      write: async (...args) => {
        if (first) {
          first = false;
          await new Promise((resolve) => setImmediate(resolve));
        }
        return systemCalls.write(...args);
      },
    });
    await withHandles(async (handles) => {
      await handles.open("h", folder.bytes("f"), "replace");
      await Promise.all(["1", "2", "3"].map((text) => handles.writeBlock("h", 0, Buffer.from(text))));
    }, new FileHandles({ calls }));
    expect(readFileSync(folder.at("f"), "utf8")).toBe("3");
  });
});

describe("FileHandles of one connection", () => {
  test("hold 128 at most, opens in progress included, and a close frees a place", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("f"), "x");
    const handles = new FileHandles();
    await withHandles(async () => {
      const opening = Array.from({ length: 128 }, (_, i) => handles.open(`h${i}`, folder.bytes("f")));
      const full = { kind: "invalid-input", message: "at most 128 file handles may be open per connection" };
      expect(await faultOf(handles.open("one more", folder.bytes("f")))).toEqual(full);
      await Promise.all(opening);
      expect(await faultOf(handles.open("one more", folder.bytes("f")))).toEqual(full);
      await handles.close("h7");
      await handles.open("one more", folder.bytes("f"));
      await faultOf(handles.open("two more", folder.bytes("f")));
    }, handles);
    expect(isLinux ? descriptorsBelow(folder.path) : []).toEqual([]);
  });

  test("give the place of a close in progress to whoever asks after it", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("f"), "x");
    await withHandles(
      async (handles) => {
        await handles.open("h", folder.bytes("f"));
        const closing = handles.close("h");
        await handles.open("next", folder.bytes("f"));
        await closing;
        const full = { kind: "invalid-input", message: "at most 1 file handles may be open per connection" };
        expect(await faultOf(handles.open("one more", folder.bytes("f")))).toEqual(full);
      },
      new FileHandles({ maxHandles: 1 }),
    );
  });

  test("give back the place of an open that failed", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("f"), "x");
    await withHandles(
      async (handles) => {
        for (let i = 0; i < 3; i += 1) await faultOf(handles.open("h", folder.bytes("zz")));
        await handles.open("h", folder.bytes("f"));
      },
      new FileHandles({ maxHandles: 1 }),
    );
  });

  test("refuse an id in use, and know no other", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("f"), "x");
    await withHandles(async (handles) => {
      const first = handles.open("h", folder.bytes("f"));
      const twice = { kind: "invalid-input", message: "file handle `h` already exists" };
      expect(await faultOf(handles.open("h", folder.bytes("f")))).toEqual(twice);
      await first;
      expect(await faultOf(handles.open("h", folder.bytes("zz")))).toEqual(twice);
      const unknown = { kind: "not-found", message: "unknown file handle `x`" };
      expect(await faultOf(handles.readBlock("x", 0, 1))).toEqual(unknown);
      expect(await faultOf(handles.writeBlock("x", 0, Buffer.from("x")))).toEqual(unknown);
      await handles.close("x");
      await handles.close("h");
      await handles.close("h");
      await handles.open("h", folder.bytes("f"));
    });
  });

  test("close only after reads in progress, and give their descriptor back once", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("f"), "content");
    const { open, passed } = gate();
    const closed: number[] = [];
    const used: number[] = [];
    const calls = callsWith({
      read: async (fd, ...rest) => {
        await passed;
        used.push(fd);
        expect(closed).toEqual([]);
        return systemCalls.read(fd, ...rest);
      },
      close: (fd) => {
        closed.push(fd);
        return systemCalls.close(fd);
      },
    });
    const handles = new FileHandles({ calls });
    await handles.open("h", folder.bytes("f"));
    const reads = [handles.readBlock("h", 0, 3), handles.readBlock("h", 3, 10)];
    const closes = [handles.close("h"), handles.close("h"), handles.closeAll()];
    const late = faultOf(handles.readBlock("h", 0, 1));
    open();
    expect((await late).kind).toBe("not-found");
    expect((await Promise.all(reads)).map(({ chunk }) => chunk.toString())).toEqual(["con", "tent"]);
    await Promise.all(closes);
    expect(closed).toEqual([used[0]]);
  });

  test("do what is asked of one id in that order, though nobody waits for answers", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("f"), "content");
    const { open, passed } = gate();
    const calls = callsWith({
      open: async (...args) => {
        await passed;
        return systemCalls.open(...args);
      },
    });
    await withHandles(
      async (handles) => {
        const missing = faultOf(handles.open("h", folder.bytes("zz")));
        const opening = handles.open("h", folder.bytes("f"));
        const read = handles.readBlock("h", 0, 3);
        const twice = faultOf(handles.open("h", folder.bytes("f")));
        const [closing, again] = [handles.close("h"), handles.close("h")];
        const late = faultOf(handles.readBlock("h", 0, 3));
        const reopening = handles.open("h", folder.bytes("g"), "replace");
        const write = handles.writeBlock("h", 0, Buffer.from("new"));
        open();
        expect((await missing).kind).toBe("not-found");
        await opening;
        expect((await read).chunk.toString()).toBe("con");
        expect(await twice).toEqual({ kind: "invalid-input", message: "file handle `h` already exists" });
        await Promise.all([closing, again]);
        expect(await late).toEqual({ kind: "not-found", message: "unknown file handle `h`" });
        await Promise.all([reopening, write]);
        expect(readFileSync(folder.at("g"), "utf8")).toBe("new");
      },
      new FileHandles({ calls, maxHandles: 1 }),
    );
    expect(isLinux ? descriptorsBelow(folder.path) : []).toEqual([]);
  });

  test("empty a file after what was asked of files before, and let later looks wait for that", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("f"), "old");
    const order = new OperationOrder();
    const { open, passed } = gate();
    await withHandles(async (handles) => {
      const before = order.observe(async () => {
        await passed;
        return readFileSync(folder.at("f"), "utf8");
      });
      const opening = handles.open("h", folder.bytes("f"), "replace");
      const after = order.observe(async () => readFileSync(folder.at("f"), "utf8"));
      open();
      expect(await Promise.all([before, after])).toEqual(["old", ""]);
      await opening;
    }, new FileHandles({ order }));
  });

  test("are all closed with the connection, those being opened too, and none opens after", async () => {
    using folder = tempFolder();
    writeFileSync(folder.at("f"), "x");
    const handles = new FileHandles();
    await handles.open("a", folder.bytes("f"));
    const opening = faultOf(handles.open("b", folder.bytes("f")));
    await handles.closeAll();
    expect(await opening).toEqual({ kind: "other", message: "file handle `b` was closed before it was open" });
    await faultOf(handles.open("c", folder.bytes("f")));
    expect(isLinux ? descriptorsBelow(folder.path) : []).toEqual([]);
  });

  test("are closed without waiting for opens that have not begun, which open nothing then", async () => {
    using folder = tempFolder();
    const order = new OperationOrder();
    const { open, passed } = gate();
    const handles = new FileHandles({ order });
    const before = order.change(() => passed);
    const opening = faultOf(handles.open("h", folder.bytes("f"), "replace"));
    await handles.closeAll();
    open();
    await before;
    expect(await opening).toEqual({ kind: "other", message: "file handle `h` was closed before it was open" });
    expect(existsSync(folder.at("f"))).toBe(false);
  });
});
