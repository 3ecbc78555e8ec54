import { PassThrough, Writable } from "node:stream";
import type { InboundFrame } from "@holdfast/rpc";
import { type StdioPortOptions, stdioPort } from "@holdfast/rpc/stdio";
import { RecordingReceiver } from "@holdfast/rpc/testing";
import { FakeClock } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { turns } from "../peers.ts";

function opened(options: Partial<StdioPortOptions> = {}) {
  const input = new PassThrough();
  const output = new PassThrough();
  const port = stdioPort({ input, output, ...options });
  const receiver = new RecordingReceiver();
  port.open(receiver);
  return { input, output, port, receiver };
}

describe("a stdio port's input", () => {
  test.each([
    ["one line", ['{"a":1}\n'], ['{"a":1}']],
    ["CRLF", ["one\r\ntwo\r\n"], ["one", "two"]],
    ["blank and white lines", ["\n\r\n  \n\t\r\none\n\n"], ["one"]],
    ["lines in pieces", ["o", "n", "e\nt", "wo", "\r", "\nthree\n"], ["one", "two", "three"]],
    ["a CR inside a line", ["a\rb\n"], ["a\rb"]],
    ["a character in two pieces", [Buffer.from([0xc3]), Buffer.from([0xa9, 0x0a])], ["é"]],
    ["white space around a message", [" {} \n"], [" {} "]],
  ])("is cut into frames: %s", async (_what, chunks, frames) => {
    const { input, receiver } = opened();
    for (const chunk of chunks) input.write(chunk);
    await receiver.framesArrived(frames.length);
    await turns();
    expect(receiver.frames).toEqual(frames);
  });

  test("ends with a last line that has no LF, and then the port", async () => {
    const { input, receiver } = opened();
    input.end("one\ntwo");
    expect(await receiver.closedOnce()).toMatchObject({ initiator: "remote" });
    expect(receiver.frames).toEqual(["one", "two"]);
  });

  test("hands lines up as bytes, valid UTF-8 or not", async () => {
    const frames: InboundFrame[] = [];
    const input = new PassThrough();
    const port = stdioPort({ input, output: new PassThrough() });
    port.open({ frame: (frame) => frames.push(frame), drained: () => {}, closed: () => {} });
    input.write(Buffer.from([0xff, 0xfe, 0x0a]));
    await turns();
    expect(frames).toEqual([Buffer.from([0xff, 0xfe])]);
  });

  test.each([
    ["in one piece", [`${"x".repeat(100)}\n`]],
    ["in small pieces", Array.from({ length: 100 }, () => "x").concat("\r", "\n")],
  ])("may hold a line of exactly the limit, %s", async (_how, chunks) => {
    const { input, receiver } = opened({ maxLineBytes: 100 });
    for (const chunk of chunks) input.write(chunk);
    input.write("next\n");
    await receiver.framesArrived(2);
    expect(receiver.frames).toEqual(["x".repeat(100), "next"]);
  });

  test.each([
    ["with its end in one piece", [`${"x".repeat(101)}\n`]],
    ["without an end", ["x".repeat(50), "x".repeat(52)]],
    ["at the end of the input", ["x".repeat(101), null]],
  ])("ends the port when a line is longer than the limit, %s", async (_how, chunks) => {
    const { input, output, receiver } = opened({ maxLineBytes: 100 });
    for (const chunk of ["fine\n", ...chunks]) {
      if (chunk === null) input.end();
      else input.write(chunk);
    }
    expect(await receiver.closedOnce()).toMatchObject({
      initiator: "fault",
      reason: "line exceeds the limit of 100 bytes",
    });
    await turns();
    expect(receiver.frames).toEqual(["fine"]);
    expect([input.destroyed, output.destroyed]).toEqual([true, true]);
  });

  test("takes a line of 8 MiB that comes in 131,072 pieces", async () => {
    const { input, receiver } = opened();
    const piece = Buffer.alloc(64, "x");
    for (let index = 0; index < 131_072; index += 1) if (!input.write(piece)) await turns(1);
    input.write("\n");
    await receiver.framesArrived(1);
    expect(receiver.frames[0]?.length).toBe(131_072 * 64);
  });

  test("that breaks is a fault with its cause", async () => {
    const { input, receiver } = opened();
    const cause = new Error("read EIO");
    input.destroy(cause);
    expect(await receiver.closedOnce()).toMatchObject({ initiator: "fault", reason: "read EIO", cause });
  });

  test("that is closed without an end is a fault", async () => {
    const { input, receiver } = opened();
    input.destroy();
    expect((await receiver.closedOnce()).initiator).toBe("fault");
  });
});

describe("a stdio port's output", () => {
  test("holds one frame per line", async () => {
    const { output, port } = opened();
    port.send('{"a":1}');
    port.send('{"b":"é"}');
    await turns();
    expect(output.read().toString()).toBe('{"a":1}\n{"b":"é"}\n');
  });

  test("counts what is queued in bytes", () => {
    const output = new Writable({ write: () => {} });
    const { port } = opened({ output });
    port.send("é".repeat(10));
    expect(port.queuedBytes).toBe(21);
  });

  test("still carries what was sent before the input ended", async () => {
    const { input, output, port, receiver } = opened();
    input.end();
    port.send("answer");
    await receiver.closedOnce();
    let text = "";
    for await (const chunk of output) text += String(chunk);
    expect(text).toBe("answer\n");
  });

  test("that breaks is a fault with its cause, and later frames are dropped", async () => {
    const cause = Object.assign(new Error("write EPIPE"), { code: "EPIPE" });
    const output = new Writable({ write: (_chunk, _encoding, done) => done(cause) });
    const { port, receiver } = opened({ output });
    port.send("x");
    expect(await receiver.closedOnce()).toMatchObject({ initiator: "fault", reason: "write EPIPE", cause });
    port.send("y");
    port.close(1000, "again");
    port.destroy("again");
    await turns();
    expect(receiver.closes).toHaveLength(1);
  });

  test("that breaks after the input ended does no harm", async () => {
    let fail: (error: Error) => void = () => {};
    const output = new Writable({
      write: (_chunk, _encoding, done) => {
        fail = done;
      },
    });
    const { input, port, receiver } = opened({ output });
    port.send("x");
    await turns();
    input.end();
    await receiver.closedOnce();
    fail(new Error("write EPIPE"));
    await turns();
    expect(receiver.closes).toHaveLength(1);
  });

  test("that never takes anything can still be destroyed after close", async () => {
    const output = new Writable({ write: () => {} });
    const { port, receiver } = opened({ output });
    port.send("x");
    port.close(1000, "please");
    await turns();
    expect(receiver.closes).toEqual([]);
    port.destroy("now");
    expect(await receiver.closedOnce()).toMatchObject({ initiator: "local", reason: "please" });
  });

  test("is waited for after close for as long as some of it is taken, and no longer", async () => {
    const clock = new FakeClock();
    let take: () => void = () => {};
    const output = new Writable({
      write: (_chunk, _encoding, done) => {
        take = done;
      },
    });
    const { port, receiver } = opened({ output, clock });
    for (let count = 0; count < 10; count += 1) {
      port.send("x");
      await turns();
    }
    port.close(1000, "please");
    for (let count = 0; count < 9; count += 1) {
      await clock.advance(4_000);
      take();
    }
    await turns();
    expect(receiver.closes).toEqual([]);
    await clock.advance(10_000);
    expect(receiver.closes).toMatchObject([{ initiator: "local", reason: "please" }]);
    expect([output.destroyed, clock.pendingTimers]).toEqual([true, 0]);
  });
});
