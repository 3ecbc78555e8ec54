import { RecordingReceiver } from "@holdfast/rpc/testing";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { turns } from "../peers.ts";
import { webSocketPair } from "./pair.ts";

const MIB = 1024 * 1024;

describe("frames of bytes that were sent", () => {
  const LONG = 100_000;
  const recording = () => {
    const sent: Uint8Array[] = [];
    const receiver = {
      frame: () => {},
      drained: () => {},
      closed: () => {},
      sent: (frame: Uint8Array) => {
        sent.push(frame);
        // Whoever uses the memory again.
        frame.fill(33);
      },
    };
    return { sent, receiver };
  };

  test("are told of by a client when their memory is free", async () => {
    await using pair = await webSocketPair();
    const { sent, receiver } = recording();
    const atRight = new RecordingReceiver();
    pair.left.open(receiver);
    pair.right.open(atRight);
    const texts = Array.from({ length: 20 }, (_, index) => String(index).padEnd(LONG, "."));
    for (const text of texts) pair.left.send(Buffer.from(text));
    expect(await atRight.framesArrived(20)).toEqual(texts);
    await until(() => sent.length === 20);
  });

  test("are told of by a server when their memory is free, also behind a reader that was slow", async () => {
    await using pair = await webSocketPair();
    const { sent, receiver } = recording();
    const atLeft = new RecordingReceiver();
    pair.right.open(receiver);
    pair.left.open(atLeft);
    pair.left.pause();
    const texts = Array.from({ length: 200 }, (_, index) => String(index).padEnd(LONG, "."));
    for (const text of texts) pair.right.send(Buffer.from(text));
    await until(() => pair.right.queuedBytes > 4 * MIB);
    expect(sent.length).toBeLessThan(200);
    pair.left.resume();
    expect(await atLeft.framesArrived(200)).toEqual(texts);
    await until(() => sent.length === 200);
  });

  test("are not told of when they are short, text, or lost with the line", async () => {
    await using pair = await webSocketPair();
    const atRight = recording();
    pair.left.open(new RecordingReceiver());
    pair.right.open(atRight.receiver);
    pair.right.send("a".repeat(LONG));
    pair.right.send(Buffer.alloc(100, "a"));
    pair.left.pause();
    for (let index = 0; index < 400; index++) pair.right.send(Buffer.alloc(LONG, "a"));
    await until(() => atRight.sent.length > 0 && pair.right.queuedBytes > 4 * MIB);
    pair.right.destroy("the test breaks it");
    pair.right.send(Buffer.alloc(LONG, "a"));
    await turns();
    expect(atRight.sent.length).toBeLessThan(400);
    expect(atRight.sent.every((frame) => frame.length === LONG)).toBe(true);
  });
});
