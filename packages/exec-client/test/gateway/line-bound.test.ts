import { RemoteError } from "@holdfast/rpc";
import { expect, test } from "vitest";
import { LineBound } from "../../src/gateway/line-bound.ts";
import { behindGateway } from "../support/behind-gateway.ts";
import { settle } from "../support/connected.ts";
import { Refusal } from "../support/fake-exec-server.ts";

test("an open file goes with its line: a call on it says so, a close is fine, and its name may be used again", async () => {
  const block = () => ({ chunk: btoa("x"), eof: true });
  await using held = behindGateway({ "fs/open": ({ handleId }) => ({ handleId }), "fs/readBlock": block });
  const client = held.raw();
  await client.begin();
  const read = () => client.wire.ask("fs/readBlock", { handleId: "f", offset: 0, len: 1 });
  await client.wire.ask("fs/open", { handleId: "f", path: "file:///a" });
  expect((await read())?.result).toEqual(block());
  await held.cut();
  expect((await read())?.error).toEqual({
    code: -32603,
    message: "the connection to the executor was lost, and with it the open file `f`",
    data: { holdfast: { code: "ECONNRESET" } },
  });
  expect((await client.wire.ask("fs/close", { handleId: "f" }))?.result).toEqual({});
  await client.wire.ask("fs/open", { handleId: "f", path: "file:///a" });
  expect((await read())?.result).toEqual(block());
});

test("a block that waited for the next line is told to be of a file that is gone, not of one that never was", () => {
  const refused = new RemoteError("fs/readBlock", { code: -32600, message: "unknown file handle `f`" });
  const block = { handleId: "f", offset: 0, len: 1 };
  const told = { data: { holdfast: { code: "ECONNRESET" } } };
  const open = new LineBound(() => {});
  open.asked("fs/open", { handleId: "f" });
  open.done("fs/open", { handleId: "f" }, {});
  expect(open.failed("fs/readBlock", block, refused)).toBe(refused);
  open.asked("fs/readBlock", block);
  open.lost();
  expect(open.failed("fs/readBlock", block, refused)).toMatchObject(told);

  // The answer to the open was read, and the line lost, before anybody here knew of either.
  const late = new LineBound(() => {});
  late.asked("fs/open", { handleId: "f" });
  late.lost();
  late.done("fs/open", { handleId: "f" }, {});
  expect(() => late.asked("fs/readBlock", block)).toThrow(expect.objectContaining(told));
  expect(late.failed("fs/readBlock", block, refused)).toMatchObject(told);
  late.asked("fs/close", { handleId: "f" });
  expect(late.failed("fs/readBlock", block, refused)).toBe(refused);
});

test("a file whose opening waited for the next line is open there: what is refused about it is told as it is", async () => {
  const refused = new RemoteError("fs/readBlock", { code: -32603, message: "EIO: i/o error, read" });
  const block = { handleId: "f", offset: 0, len: 1 };
  const files = new LineBound(() => {});
  files.asked("fs/open", { handleId: "f" });
  files.lost();
  await files.found(async () => {});
  files.done("fs/open", { handleId: "f" }, {});
  files.asked("fs/readBlock", block);
  expect(files.failed("fs/readBlock", block, refused)).toBe(refused);
});

test("a client of this project goes on reading a file on the next line", async () => {
  const content = Buffer.alloc(3 * 1_048_576, "abcdefg");
  let blocks = 0;
  await using held = behindGateway({
    "fs/open": ({ handleId }) => ({ handleId }),
    "fs/getMetadata": () => ({
      isDirectory: false,
      isFile: true,
      isSymlink: false,
      size: content.length,
      createdAtMs: 0,
      modifiedAtMs: 1,
    }),
    "fs/readBlock": ({ offset, len }, server) => {
      blocks += 1;
      if (blocks === 2) server.hangUp();
      const chunk = content.subarray(offset, offset + len);
      return { chunk: chunk.toString("base64"), eof: chunk.length < len };
    },
  });
  const executor = await held.connect();
  const read: Uint8Array[] = [];
  for await (const part of executor.fs.createReadStream("/a")) read.push(part);
  expect(Buffer.concat(read).equals(content)).toBe(true);
  expect(held.dialler.dials).toBe(2);
});

test("a body that streams in ends with an error when its line is lost", async () => {
  await using held = behindGateway({ "http/request": () => ({ status: 200, headers: [], bodyBase64: "" }) });
  const client = held.raw();
  await client.begin();
  const request = { method: "GET", url: "http://localhost/", requestId: "r", streamResponse: true };
  expect((await client.wire.ask("http/request", request))?.result).toMatchObject({ status: 200 });
  for (const seq of [1, 2]) {
    held.dialler.last.notify("http/request/bodyDelta", { requestId: "r", seq, deltaBase64: "YQ==", done: false });
  }
  await held.cut();
  const error = "the connection to the executor was lost while the body was being read";
  expect(client.of("http/request/bodyDelta").slice(2)).toEqual([
    { requestId: "r", seq: 3, deltaBase64: "", done: true, error },
  ]);
});

test("of a body that nobody asked for nothing is kept, and nobody is told of its end", () => {
  const told: unknown[] = [];
  const bodies = new LineBound((_method, params) => told.push(params));
  bodies.told("http/request/bodyDelta", { requestId: "stray", seq: 1, deltaBase64: "", done: false });
  bodies.lost();
  expect(told).toEqual([]);
});

test("a body whose head was read when its line was lost does not stay without an end, nor one that waited for the next line", async () => {
  const request = { requestId: "r", streamResponse: true };
  const told: unknown[] = [];
  const tell = (_method: string, params: unknown): void => void told.push(params);
  const error = "the connection to the executor was lost while the body was being read";

  // The head was read, and the line lost, before anybody here knew of either.
  const late = new LineBound(tell);
  late.asked("http/request", request);
  late.lost();
  expect(() => late.done("http/request", request, {})).toThrow(error);

  const waited = new LineBound(tell);
  waited.asked("http/request", request);
  waited.lost();
  await waited.found(async () => {});
  waited.done("http/request", request, {});
  expect(told).toEqual([]);
  waited.lost();
  expect(told).toEqual([{ requestId: "r", seq: 1, deltaBase64: "", done: true, error }]);
});

test("output that was let go on while there was no line is not held on the next one", async () => {
  await using held = behindGateway({ "holdfast/holdOutput": () => ({}) });
  const client = held.raw();
  await client.begin();
  await client.wire.ask("holdfast/holdOutput", { processId: "a", held: true });
  held.dialler.plans.push("nobody");
  await held.cut();
  const released = client.wire.ask("holdfast/holdOutput", { processId: "a", held: false });
  await held.clock.advance(1_000);
  expect((await released)?.result).toEqual({});
  await settle();
  expect(held.dialler.last.of("holdfast/holdOutput")).toEqual([{ processId: "a", held: false }]);
});

test("watches and holds are asked for again on the next line", async () => {
  const handlers = { "holdfast/watch": () => ({}), "holdfast/holdOutput": () => ({}) };
  await using held = behindGateway(handlers);
  const client = held.raw();
  await client.begin();
  const watch = { watchId: "w", path: "file:///srv", recursive: true };
  const [gone, over] = ["gone", "over"].map((watchId) => ({ ...watch, watchId }));
  for (const each of [watch, gone, over]) await client.wire.ask("holdfast/watch", each);
  await client.wire.ask("holdfast/unwatch", { watchId: "over" });
  await client.wire.ask("holdfast/holdOutput", { processId: "a", held: true });
  await client.wire.ask("holdfast/holdOutput", { processId: "b", held: true });
  await client.wire.ask("holdfast/holdOutput", { processId: "b", held: false });
  held.dialler.plans.push({
    "holdfast/watch": (params) => {
      if ((params as unknown as typeof watch).watchId === "gone") throw new Refusal(-32004, "No such folder");
      return {};
    },
  });
  await held.cut();
  expect(held.dialler.last.of("holdfast/watch")).toEqual([watch, gone]);
  expect(held.dialler.last.of("holdfast/holdOutput")).toEqual([{ processId: "a", held: true }]);
  await settle();
  const told = client.of("holdfast/watchEvents");
  expect(told).toHaveLength(2);
  expect(told).toContainEqual({ watchId: "w", events: [{ type: "overflow" }] });
  expect(told).toContainEqual({ watchId: "gone", events: [], end: "No such folder" });
});

test("who waits for a missing path is told to look when the line was lost", async () => {
  await using held = behindGateway({ "fs/watchMissing": () => ({ watching: true }) });
  const client = held.raw();
  await client.begin();
  await client.wire.ask("fs/watchMissing", { watchId: 7, missing: ["file:///a"] });
  await held.cut();
  expect(client.of("fs/missingChanged")).toEqual([{ watchId: 7 }]);
  await held.cut();
  expect(client.of("fs/missingChanged")).toHaveLength(1);
});
