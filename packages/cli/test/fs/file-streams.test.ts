import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, truncateSync } from "node:fs";
import { mkdir, readdir, readFile, symlink, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { connect, isLinkError } from "@holdfast/exec-client";
import { BadLine, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { everyByte } from "../support/cli.ts";
import { collectGarbage } from "../support/collect-garbage.ts";
import { heldBelow } from "../support/held-below.ts";
import { sharedServer } from "../support/shared-server.ts";

const MIB = 1024 * 1024;
const onLinux = process.platform === "linux";

/** A folder, and a client of the program that serves all cases here, over a line that can be made bad. */
async function served() {
  const folder = await tempDir();
  const server = await sharedServer({ isLookedInto: onLinux });
  const line = await BadLine.to(server.url);
  const executor = await connect(line.url, { recovery: { retryIntervalMs: 10 } });
  return {
    folder,
    line,
    executor,
    fs: executor.fs,
    /** Files below the folder that the serving program has open. */
    openFiles: () => heldBelow(server.child.pid, folder.path),
    [Symbol.asyncDispose]: async () => {
      await executor.close();
      await line[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

describe("what is no file", () => {
  test.each([
    ["fifo", -32600, /path `.*fifo` is not a file/],
    ["/dev/zero", -32600, /path `\/dev\/zero` is not a file/],
    ["socket", -32600, /path `.*socket` is not a file/],
    ["folder", -32600, /path `.*folder` is not a file/],
    ["dangling", -32004, /No such file or directory/],
    ["loop", -32603, /Symbolic link loop/],
  ])("is refused by name and at once, read in one or as a stream: %s", async (name, code, message) => {
    await using there = await served();
    const { folder, fs } = there;
    await mkdir(folder.join("folder"));
    execFileSync("mkfifo", [folder.join("fifo")]);
    await symlink("nowhere", folder.join("dangling"));
    await symlink("loop", folder.join("loop"));
    const socket = createServer().listen(folder.join("socket"));
    await once(socket, "listening");
    const path = name.startsWith("/") ? name : folder.join(name);
    const cause = { name: "RemoteError", code, message: expect.stringMatching(message) };
    const refusal = { name: "FileError", cause };
    await expect(fs.createReadStream(path).getReader().read()).rejects.toMatchObject(refusal);
    await expect(fs.readFile(path)).rejects.toMatchObject(refusal);
    await expect(fs.open(path)).rejects.toMatchObject(refusal);
    expect(onLinux ? there.openFiles().filter((file) => file !== folder.path) : []).toEqual([]);
    socket.close();
  });
});

describe("a file that changes while it is read", () => {
  test("and shrinks gives what is there, and its handle is closed", async () => {
    await using there = await served();
    const { folder, fs } = there;
    const content = everyByte(20 * MIB);
    await writeFile(folder.join("file"), content);
    const got: Uint8Array[] = [];
    for await (const block of fs.createReadStream(folder.join("file"))) {
      if (got.length === 0) truncateSync(folder.join("file"), 9 * MIB + 5);
      got.push(block);
    }
    const bytes = Buffer.concat(got);
    expect(bytes.equals(content.subarray(0, bytes.byteLength))).toBe(true);
    expect(bytes.byteLength).toBeLessThan(20 * MIB);
    if (onLinux) await until(() => there.openFiles().length === 0);
  });

  test("and grows gives what was added too", async () => {
    await using there = await served();
    const { folder, fs } = there;
    const content = everyByte(12 * MIB);
    await writeFile(folder.join("file"), content.subarray(0, 11 * MIB + 3));
    const got: Uint8Array[] = [];
    for await (const block of fs.createReadStream(folder.join("file"))) {
      if (got.length === 0) appendFileSync(folder.join("file"), content.subarray(11 * MIB + 3));
      got.push(block);
    }
    expect(
      Buffer.concat(got)
        .subarray(0, 11 * MIB)
        .equals(content.subarray(0, 11 * MIB)),
    ).toBe(true);
    if (onLinux) await until(() => there.openFiles().length === 0);
  });

  test.each([
    ["shrinks", 9 * MIB],
    ["grows", 30 * MIB],
  ])("as a whole, and %s, gives no byte that was never there", async (_, size) => {
    await using there = await served();
    const { folder, fs, line } = there;
    const content = everyByte(20 * MIB);
    await writeFile(folder.join("file"), content);
    line.stallAfter("down", 3 * MIB);
    const reading = fs.readFile(folder.join("file"));
    await until(() => line.bytesOf("down") >= 3 * MIB);
    await truncate(folder.join("file"), size);
    line.resume();
    const bytes = Buffer.from(await reading);
    const expected = Buffer.concat([content, Buffer.alloc(10 * MIB)]);
    expect(bytes.equals(expected.subarray(0, bytes.byteLength))).toBe(true);
    expect(bytes.byteLength <= Math.max(size, 20 * MIB)).toBe(true);
    if (onLinux) await until(() => there.openFiles().length === 0);
  });
});

describe("sizes around the limits", () => {
  test.each([11 * MIB - 1, 11 * MIB, 11 * MIB + 1])("%i bytes are written and read back on one line", async (size) => {
    await using there = await served();
    const { folder, fs } = there;
    const content = everyByte(size);
    await fs.writeFile(folder.join("file"), content);
    expect((await readFile(folder.join("file"))).equals(content)).toBe(true);
    expect(Buffer.from(await fs.readFile(folder.join("file"))).equals(content)).toBe(true);
    expect([there.executor.state, there.line.connectionCount]).toEqual(["connected", 1]);
    expect(await readdir(folder.path)).toEqual(["file"]);
  });

  test("what is too large to be read at once is refused by name, and costs nothing", async () => {
    await using there = await served();
    const { folder, fs } = there;
    await writeFile(folder.join("file"), "");
    await truncate(folder.join("file"), 536_870_913);
    await expect(fs.readFile(folder.join("file"))).rejects.toMatchObject({
      code: "refused",
      cause: { code: -32600, message: "file is too large to read: limit is 536870912 bytes" },
    });
    await truncate(folder.join("file"), 300 * MIB);
    await expect(fs.readFile(folder.join("file"), { followSymlinks: false })).rejects.toMatchObject({
      name: "FileTransferError",
      code: "unsupported",
      message: expect.stringMatching(/followSymlinks: false: limit is 199229440 bytes/),
    });
    await truncate(folder.join("file"), 13 * MIB);
    expect((await fs.readFile(folder.join("file"), { followSymlinks: false })).byteLength).toBe(13 * MIB);
    expect([there.executor.state, there.line.connectionCount]).toEqual(["connected", 1]);
  });
});

describe.skipIf(!onLinux)("handles", () => {
  test("130 opens: the last wait until others are closed, and a dropped line closes all", async () => {
    await using there = await served();
    const { folder, fs } = there;
    await writeFile(folder.join("file"), "content");
    const opens = Array.from({ length: 130 }, () => fs.open(folder.join("file")));
    const [first, second] = await Promise.all(opens.slice(0, 2));
    const waiting = fs.open(folder.join("file"), { timeoutMs: 100 });
    await expect(waiting).rejects.toMatchObject({ name: "TimeoutError", delivery: "not-sent" });
    const held = there.openFiles().length;
    expect(held).toBeGreaterThan(64);
    expect(held).toBeLessThanOrEqual(128);
    await first?.close();
    const [, , ...others] = opens;
    await Promise.all(others.map(async (open) => (await open).close()));
    const stranded = second?.read(0, 7);
    await stranded;
    there.line.cut();
    await until(() => there.openFiles().length === 0);
    const late = await second?.read(0, 7).catch((error: unknown) => error);
    expect(isLinkError(late)).toBe(true);
    const again = await Promise.all(Array.from({ length: 128 }, () => fs.open(folder.join("file"))));
    await Promise.all(again.map((handle) => handle.close()));
    expect(there.openFiles()).toEqual([]);
  });

  test("of streams are closed by their end, cancel, the signal, an error, and when nobody holds them any more", async () => {
    await using there = await served();
    const { folder, fs } = there;
    await writeFile(folder.join("file"), everyByte(20 * MIB));
    const begin = async (signal?: AbortSignal) => {
      const reader = fs.createReadStream(folder.join("file"), { signal }).getReader();
      await reader.read();
      expect(there.openFiles()).toHaveLength(1);
      return reader;
    };
    const closed = (): Promise<boolean> => until(() => there.openFiles().length === 0);
    for await (const block of fs.createReadStream(folder.join("file"))) expect(block.byteLength).toBe(MIB);
    await closed();
    await (await begin()).cancel();
    await closed();
    const stop = new AbortController();
    const stopped = await begin(stop.signal);
    stop.abort(new Error("enough"));
    await expect(stopped.read()).rejects.toThrow("enough");
    await closed();
    const full = new WritableStream({
      write: () => {
        throw new Error("full");
      },
    });
    await expect(fs.createReadStream(folder.join("file")).pipeTo(full)).rejects.toThrow("full");
    await closed();
    const forget = async (): Promise<void> => {
      // A signal that lives on does not hold it.
      await begin(new AbortController().signal);
    };
    await forget();
    await until(() => {
      collectGarbage();
      return there.openFiles().length === 0;
    });
  });

  test("of a write stream that nobody holds any more are closed, and what it wrote is removed", async () => {
    await using there = await served();
    const { folder, fs } = there;
    await writeFile(folder.join("file"), "old");
    const forget = async (): Promise<void> => {
      const writer = fs.createWriteStream(folder.join("file")).getWriter();
      await writer.write(everyByte(3 * MIB));
      expect(there.openFiles()).toHaveLength(1);
    };
    await forget();
    await until(async () => {
      collectGarbage();
      return there.openFiles().length === 0 && (await readdir(folder.path)).length === 1;
    });
    expect(await readFile(folder.join("file"), "utf8")).toBe("old");
  });
});

describe("memory", () => {
  test("of a large file whose reader stops is a few blocks, and the line stays free for others", async () => {
    await using there = await served();
    const { folder, fs, line } = there;
    await writeFile(folder.join("file"), "");
    await truncate(folder.join("file"), 2_000 * MIB);
    const reader = fs.createReadStream(folder.join("file")).getReader();
    await reader.read();
    let last = -1;
    await until(
      () => {
        const stands = line.bytesOf("down") === last;
        last = line.bytesOf("down");
        return stands;
      },
      { intervalMs: 100 },
    );
    // Eight blocks in flight and the one that was taken, in base64.
    expect(last).toBeLessThan(16 * MIB);
    expect((await fs.metadata(folder.path)).isDirectory).toBe(true);
    await reader.cancel();
  });

  test("of a large file for an executor that stops is a few blocks: the writer waits", async () => {
    await using there = await served();
    const { folder, fs, line } = there;
    const writer = fs.createWriteStream(folder.join("file")).getWriter();
    await writer.write(everyByte(MIB));
    line.stall();
    let taken = 0;
    const pouring = (async () => {
      for (; taken < 64; taken += 1) await writer.write(everyByte(MIB));
    })();
    let last = -1;
    await until(
      () => {
        const stands = taken === last;
        last = taken;
        return stands;
      },
      { intervalMs: 200 },
    );
    expect(taken).toBeLessThan(16);
    line.resume();
    await pouring;
    await writer.close();
    expect((await readFile(folder.join("file"))).byteLength).toBe(65 * MIB);
  });
});
