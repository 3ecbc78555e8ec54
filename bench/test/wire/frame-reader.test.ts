import { expect, test } from "vitest";
import { FrameReader } from "../../src/wire/frame-reader.ts";

function frame(first: number, payload: string): Buffer {
  const body = Buffer.from(payload);
  if (body.length < 126) return Buffer.concat([Buffer.from([first, body.length]), body]);
  const head = Buffer.alloc(body.length < 65_536 ? 4 : 10);
  head[0] = first;
  head[1] = body.length < 65_536 ? 126 : 127;
  if (head.length === 4) head.writeUInt16BE(body.length, 2);
  else head.writeBigUInt64BE(BigInt(body.length), 2);
  return Buffer.concat([head, body]);
}

function readerOf() {
  const messages: string[] = [];
  const controls: number[] = [];
  const reader = new FrameReader({
    message: (payload) => messages.push(payload.toString()),
    control: (opcode) => controls.push(opcode),
  });
  return { reader, messages, controls };
}

const LONG = "x".repeat(70_000);
const MIDDLE = "y".repeat(300);
const STREAM = Buffer.concat([
  frame(0x81, "short"),
  frame(0x89, "ping"),
  frame(0x81, MIDDLE),
  frame(0x01, "first "),
  frame(0x80, "second"),
  frame(0x81, LONG),
  frame(0x81, ""),
]);

test.each([1, 2, 3, 7, 1_000, STREAM.length])("messages come whole when the bytes come in pieces of %i", (size) => {
  const { reader, messages, controls } = readerOf();
  for (let at = 0; at < STREAM.length; at += size) reader.push(STREAM.subarray(at, at + size));
  expect(messages).toEqual(["short", MIDDLE, "first second", LONG, ""]);
  expect(controls).toEqual([0x9]);
});

test("a message that is not whole is held back", () => {
  const { reader, messages } = readerOf();
  reader.push(frame(0x81, MIDDLE).subarray(0, 299));
  expect(messages).toEqual([]);
});
