import { createHash, randomBytes } from "node:crypto";
import type { FramePort } from "@holdfast/rpc";
import { RecordingReceiver } from "@holdfast/rpc/testing";
import { connectWebSocket, listenWebSocket } from "@holdfast/rpc/websocket";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { webSocketPair } from "./pair.ts";
import { frameHead, rawUpgraded } from "./raw.ts";

const KIB = 1024;
/** Around what a socket gives at once, and multiples of it, with and without the head of a frame. */
const SIZES = [1, 125, 126, 4 * KIB, 64 * KIB, 128 * KIB, 192 * KIB, 1024 * KIB, 3072 * KIB].flatMap((size) =>
  [-14, -10, -8, -4, -1, 0, 1, 4].map((more) => Math.max(1, size + more)),
);

function digest(frame: string | Buffer): string {
  return createHash("sha256").update(frame).digest("hex");
}

function textOf(bytes: number): Buffer {
  return Buffer.from(
    randomBytes(Math.ceil(bytes / 2))
      .toString("hex")
      .slice(0, bytes),
  );
}

/** Frames in the order in which they came. */
async function received(port: FramePort, count: number, send: () => void): Promise<readonly string[]> {
  const receiver = new RecordingReceiver();
  port.open(receiver);
  send();
  await until(() => receiver.frames.length === count, { deadlineMs: 30_000 });
  return receiver.frames.map((frame) => digest(frame));
}

describe("a websocket whose sockets' memory is given back early", () => {
  test.each(["left", "right"] as const)("hands on every message whole, sent from %s", async (side) => {
    await using pair = await webSocketPair();
    const messages = SIZES.map(textOf);
    const wanted = messages.map(digest);
    const other = side === "left" ? pair.right : pair.left;
    const sent = await received(other, messages.length, () => {
      for (const message of messages) pair[side].send(message);
    });
    expect(sent).toEqual(wanted);
  });

  test("hands on messages that come in fragments, between pings, and cut anywhere", async () => {
    let accept: (port: FramePort) => void = () => {};
    const accepted = new Promise<FramePort>((resolve) => {
      accept = resolve;
    });
    await using listener = await listenWebSocket({ host: "127.0.0.1", port: 0, onPort: accept });
    const socket = await rawUpgraded(listener.url);
    const port = await accepted;
    const messages = [70_000, 65_536, 300_000, 10, 1_048_576].map(textOf);
    const stream = messages.flatMap((message) => {
      const third = Math.ceil(message.length / 3);
      const parts = [message.subarray(0, third), message.subarray(third, 2 * third), message.subarray(2 * third)];
      return parts.flatMap((part, index) => [
        frameHead(index === 0 ? 1 : 0, part.length, index === 2),
        part,
        frameHead(9, 0),
      ]);
    });
    const bytes = Buffer.concat(stream);
    const sent = await received(port, messages.length, () => {
      for (let at = 0; at < bytes.length; at += 60_001) socket.write(bytes.subarray(at, at + 60_001));
    });
    expect(sent).toEqual(messages.map(digest));
    socket.destroy();
  });

  test("hands on what arrived before it had a receiver, and during a pause", async () => {
    let accept: (port: FramePort) => void = () => {};
    const accepted = new Promise<FramePort>((resolve) => {
      accept = resolve;
    });
    await using listener = await listenWebSocket({ host: "127.0.0.1", port: 0, onPort: accept });
    const client = await connectWebSocket(listener.url);
    const server = await accepted;
    const messages = [1_000_000, 100_000, 1_000_000, 66_000].map(textOf);
    const wanted = messages.map(digest);
    for (const message of messages) client.send(message);
    const receiver = new RecordingReceiver();
    server.open(receiver);
    server.pause();
    server.resume();
    await until(() => receiver.frames.length === messages.length, { deadlineMs: 30_000 });
    expect(receiver.frames.map((frame) => digest(frame))).toEqual(wanted);
    client.destroy("the test is over");
  });
});
