import { describe, expect, test } from "vitest";
import { isNotFound } from "../../src/errors.ts";
import { collectAll, connected, settle } from "../support/connected.ts";
import { recoverable } from "../support/dialler.ts";
import { type Handler, NO_ANSWER, Refusal } from "../support/fake-exec-server.ts";

describe("createReadStream", () => {
  const MIB = 1_048_576;

  /** Serves a file of this content, and counts what is open. */
  const file = (content: Buffer): Record<string, Handler> => ({
    "fs/open": ({ handleId }) => ({ handleId }),
    "fs/readBlock": ({ offset, len }) => {
      const block = content.subarray(offset, offset + len);
      return { chunk: block.toString("base64"), eof: block.byteLength < len };
    },
  });

  const metadata =
    (size: number, modifiedAtMs = 5) =>
    () => ({
      isDirectory: false,
      isFile: true,
      isSymlink: false,
      size,
      createdAtMs: 0,
      modifiedAtMs,
    });

  const patterned = (bytes: number): Buffer => Buffer.alloc(bytes, "0123456789abcdefg");

  test("reads 1 MiB blocks to the end and closes the file", async () => {
    const content = patterned(2 * MIB + 5);
    await using line = await connected(file(content));
    const blocks = await collectAll(line.executor.fs.createReadStream("/a"));
    expect(blocks.map(({ byteLength }) => byteLength)).toEqual([MIB, MIB, 5]);
    expect(Buffer.concat(blocks).equals(content)).toBe(true);
    await settle();
    expect(line.server.of("fs/close")).toHaveLength(1);
  });

  test("ends a file whose size is a whole number of blocks without an empty block", async () => {
    await using line = await connected(file(patterned(MIB)));
    expect((await collectAll(line.executor.fs.createReadStream("/a"))).map(({ byteLength }) => byteLength)).toEqual([
      MIB,
    ]);
    await using empty = await connected(file(Buffer.alloc(0)));
    expect(await collectAll(empty.executor.fs.createReadStream("/a"))).toEqual([]);
    await settle();
    expect(empty.server.of("fs/close")).toHaveLength(1);
  });

  test("reads a range", async () => {
    const content = patterned(3 * MIB);
    await using line = await connected(file(content));
    const blocks = await collectAll(line.executor.fs.createReadStream("/a", { offset: 10, length: MIB + 7 }));
    expect(Buffer.concat(blocks).equals(content.subarray(10, MIB + 17))).toBe(true);
    expect(line.server.of("fs/readBlock").map(({ offset, len }) => [offset, len])).toEqual([
      [10, MIB],
      [MIB + 10, 7],
    ]);
  });

  test("asks for nothing before the first read, and stays eight blocks ahead of its reader", async () => {
    await using line = await connected({ ...file(patterned(20 * MIB)), "fs/getMetadata": metadata(20 * MIB) });
    const reader = line.executor.fs.createReadStream("/a").getReader();
    await settle();
    expect(line.server.of("fs/open")).toEqual([]);
    await reader.read();
    await settle();
    expect(line.server.of("fs/readBlock")).toHaveLength(9);
    await reader.read();
    await settle();
    expect(line.server.of("fs/readBlock")).toHaveLength(10);
    await reader.cancel();
  });

  test("asks for one block of a file that is no larger, and for more and more where the size is not known", async () => {
    await using small = await connected({ ...file(patterned(5)), "fs/getMetadata": metadata(5) });
    await collectAll(small.executor.fs.createReadStream("/a"));
    expect(small.server.of("fs/readBlock")).toHaveLength(1);
    await using line = await connected(file(patterned(20 * MIB)));
    const reader = line.executor.fs.createReadStream("/a").getReader();
    for (const asked of [3, 6, 11, 12]) {
      await reader.read();
      await settle();
      expect(line.server.of("fs/readBlock")).toHaveLength(asked);
    }
    await reader.cancel();
  });

  test.each([
    ["shrinks", 20 * MIB, 2 * MIB + 9],
    ["grows", 2 * MIB, 5 * MIB + 1],
  ])("gives what is there of a file that %s while it is read", async (_, told, there) => {
    const content = patterned(there);
    await using line = await connected({ ...file(content), "fs/getMetadata": metadata(told) });
    expect(Buffer.concat(await collectAll(line.executor.fs.createReadStream("/a"))).equals(content)).toBe(true);
    await settle();
    expect(line.server.of("fs/close")).toHaveLength(1);
  });

  test("reads on behind a block that is shorter than asked for without being the last", async () => {
    const content = patterned(3 * MIB);
    await using line = await connected({
      ...file(content),
      "fs/getMetadata": metadata(3 * MIB),
      "fs/readBlock": ({ offset, len }) => {
        const block = content.subarray(offset, offset + Math.min(len, 700_000));
        return { chunk: block.toString("base64"), eof: block.byteLength === 0 };
      },
    });
    expect(Buffer.concat(await collectAll(line.executor.fs.createReadStream("/a"))).equals(content)).toBe(true);
  });

  test.each([
    ["nothing, without an end", { chunk: "", eof: false }],
    ["more than was asked for", { chunk: Buffer.alloc(11).toString("base64"), eof: false }],
  ])("does not believe an executor that answers with %s", async (_, answer) => {
    await using line = await connected({ ...file(Buffer.alloc(0)), "fs/readBlock": () => answer });
    const stream = line.executor.fs.createReadStream("/a", { length: 10 });
    await expect(collectAll(stream)).rejects.toMatchObject({ name: "InvalidMessageError", method: "fs/readBlock" });
    await settle();
    expect(line.server.of("fs/close")).toHaveLength(1);
  });

  test("closes the file when it is cancelled, also with a block on its way", async () => {
    await using line = await connected(file(patterned(10 * MIB)));
    const reader = line.executor.fs.createReadStream("/a").getReader();
    await reader.read();
    await reader.cancel();
    await settle();
    expect(line.server.of("fs/close")).toHaveLength(1);
  });

  test("closes the file when the signal aborts, though nobody reads, and errors with the reason", async () => {
    await using line = await connected(file(patterned(10 * MIB)));
    const controller = new AbortController();
    const reader = line.executor.fs.createReadStream("/a", { signal: controller.signal }).getReader();
    await reader.read();
    controller.abort(new Error("enough"));
    await settle();
    expect(line.server.of("fs/close")).toHaveLength(1);
    await expect(reader.read()).rejects.toThrow("enough");
  });

  test("errors at once with an aborted signal, without opening anything", async () => {
    await using line = await connected(file(patterned(1)));
    const stream = line.executor.fs.createReadStream("/a", { signal: AbortSignal.abort(new Error("before")) });
    await expect(collectAll(stream)).rejects.toThrow("before");
    await settle();
    expect(line.server.of("fs/open")).toEqual([]);
  });

  test("closes the file when a block can not be read, and errors with the refusal", async () => {
    await using line = await connected({
      ...file(Buffer.alloc(0)),
      "fs/readBlock": () => {
        throw new Refusal(-32603, "Input/output error (os error 5)");
      },
    });
    await expect(collectAll(line.executor.fs.createReadStream("/a"))).rejects.toMatchObject({
      name: "FileError",
      code: "EIO",
      path: "/a",
      cause: { code: -32603 },
    });
    await settle();
    expect(line.server.of("fs/close")).toHaveLength(1);
  });

  test("errors with the refusal when the file can not be opened", async () => {
    await using line = await connected({
      "fs/open": () => {
        throw new Refusal(-32004, "No such file or directory (os error 2)");
      },
    });
    const error = await collectAll(line.executor.fs.createReadStream("/a")).catch((thrown: unknown) => thrown);
    expect(isNotFound(error)).toBe(true);
    expect(line.server.of("fs/close")).toEqual([]);
  });

  test("errors with the link error when the line is lost in the middle", async () => {
    await using line = await connected({
      ...file(Buffer.alloc(0)),
      "fs/readBlock": (_, server) => {
        server.hangUp();
        return NO_ANSWER;
      },
    });
    await expect(collectAll(line.executor.fs.createReadStream("/a"))).rejects.toMatchObject({ code: "closed" });
  });

  describe("when the line is lost", () => {
    const content = patterned(20 * MIB);
    const served = (): Record<string, Handler> => ({ ...file(content), "fs/getMetadata": metadata(20 * MIB) });

    test("goes on where it was, on the next one", async () => {
      await using line = await recoverable(served());
      const reader = line.executor.fs.createReadStream("/a").getReader();
      const blocks = [(await reader.read()).value, (await reader.read()).value];
      line.dialler.last.on("fs/readBlock", () => NO_ANSWER);
      await line.cut();
      for (let next = await reader.read(); !next.done; next = await reader.read()) blocks.push(next.value);
      expect(Buffer.concat(blocks as Uint8Array[]).equals(content)).toBe(true);
      expect(line.dialler.servers).toHaveLength(2);
      expect(line.dialler.last.of("fs/readBlock").map(({ offset }) => offset)).not.toContain(0);
      await settle();
      expect(line.dialler.last.of("fs/close")).toHaveLength(1);
    });

    test.each([
      ["time", metadata(20 * MIB, 6)],
      ["size", metadata(19 * MIB)],
    ])("does not go on with a file of another %s", async (_, changed) => {
      await using line = await recoverable(served());
      line.dialler.plans.push({ "fs/getMetadata": changed });
      const reader = line.executor.fs.createReadStream("/a").getReader();
      await reader.read();
      await line.cut();
      const rest = async (): Promise<void> => {
        while (!(await reader.read()).done);
      };
      await expect(rest()).rejects.toMatchObject({ name: "FileTransferError", code: "changed" });
      await settle();
      expect(line.dialler.last.of("fs/close")).toHaveLength(1);
    });
  });
});
