import { RELAY_LIMITS } from "@holdfast/relay-protocol";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Offered } from "./offered.ts";

const MIB = 1024 * 1024;

describe("many streams on one socket", () => {
  test("a small answer is not behind a big one of another stream, but for what the socket has and a few records", async () => {
    await using offered = await Offered.start();
    const big = await offered.joined();
    const small = await offered.joined();
    const { socket } = big.harness;
    big.served.port.send(new Uint8Array(20 * MIB));
    // In the middle of it.
    await until(() => socket.of(big.harness.streamId, "data").length > 20);
    const before = socket.of(big.harness.streamId, "data").length;
    small.served.port.send("{}");
    await small.harness.text();
    const ahead = socket.frames.findIndex(
      ({ streamId, body }) => streamId === small.harness.streamId && body.kind === "data",
    );
    const bigOnes = socket.frames
      .slice(0, ahead)
      .filter(({ streamId, body }) => streamId === big.harness.streamId && body.kind === "data");
    // What the kernel has of it is bounded by its buffers, some MiB.
    expect(bigOnes.length - before).toBeLessThan(120);
    await until(() => big.harness.messages.length === 1);
  });

  test("take turns, record by record", async () => {
    await using offered = await Offered.start();
    const streams: Awaited<ReturnType<Offered["joined"]>>[] = [];
    for (let count = 0; count < 3; count += 1) streams.push(await offered.joined());
    const { socket } = (streams[0] as (typeof streams)[number]).harness;
    for (const { served } of streams) served.port.send(new Uint8Array(6 * MIB));
    await until(() => streams.every(({ harness }) => harness.messages.length === 1), { deadlineMs: 20_000 });
    const turns = socket.frames
      .filter(({ body }) => body.kind === "data")
      .map(({ streamId }) => streams.findIndex(({ harness }) => harness.streamId === streamId));
    // The first has the socket for itself until it is full; from then on nobody has two turns in a row.
    const shared = turns.slice(turns.indexOf(1), turns.length - 20);
    expect(shared.length).toBeGreaterThan(200);
    const doubled = shared.filter((stream, at) => stream === shared[at + 1]);
    expect(doubled.length).toBeLessThan(3);
  });

  test("order within a stream stays, whatever its sizes", async () => {
    await using offered = await Offered.start();
    const { harness, served } = await offered.joined();
    const sizes = [1, 200_000, 2, 61_436, 61_437, 61_440, 3, 1_000_000, 4];
    for (const size of sizes) served.port.send(new Uint8Array(size).fill(size % 251));
    await until(() => harness.messages.length === sizes.length);
    expect(harness.messages.map((message) => message.length)).toEqual(sizes);
    expect(harness.messages.map((message) => message.at(-1))).toEqual(sizes.map((size) => size % 251));
  });
});

describe("messages that wait", () => {
  test("share records, of which each is full but the last", async () => {
    await using offered = await Offered.start();
    const { harness, served } = await offered.joined();
    const { socket, streamId } = harness;
    socket.send({ streamId, body: { kind: "heartbeat", hold: true } });
    // What comes after it is seen after it.
    harness.send("{}");
    await until(() => served.frames.length === 1);
    const sizes = Array.from({ length: 50 }, (_, index) => 20_000 + index);
    for (const size of sizes) served.port.send(new Uint8Array(size).fill(size % 251));
    socket.send({ streamId, body: { kind: "heartbeat", hold: false } });
    await until(() => harness.messages.length === sizes.length);
    expect(harness.messages.map((message) => [message.length, message.at(-1)])).toEqual(
      sizes.map((size) => [size, size % 251]),
    );
    const bytes = sizes.reduce((sum, size) => sum + size + 4, 0);
    expect(socket.of(streamId, "data")).toHaveLength(Math.ceil(bytes / RELAY_LIMITS.maxRecordBytes));
  });
});

describe("a stream that is held", () => {
  test("by the relay sends nothing until it is let go, while others do", async () => {
    await using offered = await Offered.start();
    const held = await offered.joined();
    const other = await offered.joined();
    const { socket, streamId } = held.harness;
    socket.send({ streamId, body: { kind: "heartbeat", hold: true } });
    // What comes after it is seen after it.
    held.harness.send("{}");
    await until(() => held.served.frames.length === 1);
    held.served.port.send("one");
    held.served.port.send("two");
    other.served.port.send("other");
    await other.harness.text();
    expect(held.harness.messages).toEqual([]);
    expect(held.served.port.queuedBytes).toBe(14);
    socket.send({ streamId, body: { kind: "heartbeat", hold: false } });
    expect(await held.harness.text(2)).toBe("two");
    expect(held.served.port.queuedBytes).toBe(0);
  });

  test("by the relay tells its executor to wait, and then to go on", async () => {
    let drained = 0;
    await using offered = await Offered.start({
      accept: (port) => {
        ports.push(port);
        port.open({
          frame: () => {
            frames += 1;
          },
          drained: () => {
            drained += 1;
          },
          closed: () => {},
        });
      },
    });
    const ports: import("@holdfast/rpc").FramePort[] = [];
    let frames = 0;
    const harness = await offered.harness();
    harness.knock();
    await harness.opened();
    const { streamId, socket } = harness;
    socket.send({ streamId, body: { kind: "heartbeat", hold: true } });
    harness.send("{}");
    await until(() => frames === 1);
    const [port] = ports;
    for (let sent = 0; sent < 4; sent += 1) port?.send(new Uint8Array(MIB));
    expect(port?.writable).toBe(false);
    socket.send({ streamId, body: { kind: "heartbeat", hold: false } });
    await until(() => harness.messages.length === 4);
    expect(drained).toBe(1);
  });

  test("by its executor asks the relay to hold it, and lets go when all is taken", async () => {
    await using offered = await Offered.start();
    const { harness, served } = await offered.joined();
    const { socket, streamId } = harness;
    served.port.pause();
    harness.send(new Uint8Array(200_000).fill(32));
    harness.send(new Uint8Array(200_000).fill(32));
    await until(() => socket.of(streamId, "heartbeat").length === 1);
    expect(socket.of(streamId, "heartbeat")[0]?.body).toEqual({ kind: "heartbeat", hold: true });
    expect(served.frames).toEqual([]);
    served.port.resume();
    await until(() => socket.of(streamId, "heartbeat").length === 2);
    expect(socket.of(streamId, "heartbeat")[1]?.body).toEqual({ kind: "heartbeat", hold: false });
    expect(served.frames).toHaveLength(2);
  });

  test("for a moment says nothing to the relay", async () => {
    await using offered = await Offered.start();
    const { harness, served } = await offered.joined();
    served.port.pause();
    for (let count = 0; count < 128; count += 1) harness.send("{}");
    harness.socket.send({ streamId: "fence", body: { kind: "data", sequence: 0, payload: new Uint8Array(16) } });
    await harness.socket.reset("fence");
    served.port.resume();
    await until(() => served.frames.length === 128);
    expect(harness.socket.of(harness.streamId, "heartbeat")).toEqual([]);
  });

  test("by its executor alone, because the relay does not know of holds, is reset at its bound, and nothing else", async () => {
    await using offered = await Offered.start();
    const { harness, served } = await offered.joined();
    const other = await offered.joined();
    served.port.pause();
    for (let count = 0; count < 18; count += 1) harness.send(new Uint8Array(MIB).fill(32));
    await harness.socket.reset(harness.streamId);
    expect(served.close?.reason).toBe("Noise virtual stream inbound queue is full or closed");
    other.harness.send("{}");
    await until(() => other.served.frames.length === 1);
  });
});
