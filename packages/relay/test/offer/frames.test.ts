import { encodeFrame, RELAY_LIMITS, RESET_REASON, type RelayFrameBody } from "@holdfast/relay-protocol";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Offered } from "./offered.ts";
import type { RawHarness } from "./raw-harness.ts";
import type { ExecutorEnd } from "./small-relay.ts";

const UNKNOWN = "unknown-stream";

/** All that was sent before has been seen: data of a stream that is not there is answered. */
async function settled(socket: ExecutorEnd): Promise<void> {
  const streamId = `fence-${socket.frames.length}-${Math.random()}`;
  socket.send({ streamId, body: { kind: "data", sequence: 0, payload: new Uint8Array(16) } });
  await socket.reset(streamId);
}

async function works(offered: Offered, harness: RawHarness): Promise<void> {
  const served = offered.served[0];
  const before = served?.frames.length ?? 0;
  harness.send("{}");
  await until(() => served?.frames.length === before + 1, { what: "the stream still works" });
}

describe("what the relay sends", () => {
  test.each<[string, string | Uint8Array]>([
    ["undecodable bytes", Uint8Array.from([255, 255, 255, 255])],
    ["nothing", new Uint8Array(0)],
    ["text", "hello"],
    ["another version", Uint8Array.from([8, 2, 18, 1, 97, 58, 0])],
    ["a blank stream id", Uint8Array.from([8, 1, 18, 1, 32, 58, 0])],
    ["no body", Uint8Array.from([8, 1, 18, 1, 97])],
    ["data of two segments", Uint8Array.from([8, 1, 18, 1, 97, 42, 5, 24, 2, 34, 1, 1])],
    ["data without a payload", Uint8Array.from([8, 1, 18, 1, 97, 42, 2, 24, 1])],
    ["a reset without a reason", Uint8Array.from([8, 1, 18, 1, 97, 66, 0])],
    ["a handshake without a payload", Uint8Array.from([8, 1, 18, 1, 97, 82, 0])],
  ])("%s: is dropped, told of, and changes nothing", async (_name, bytes) => {
    await using offered = await Offered.start();
    const { harness } = await offered.joined();
    harness.socket.raw(bytes);
    await works(offered, harness);
    expect(harness.socket.frames.filter(({ body }) => body.kind === "reset")).toEqual([]);
    expect(offered.messages().filter((message) => message.startsWith("dropping"))).toHaveLength(1);
  });

  test("data for a stream that is not there is answered by a reset, each time", async () => {
    await using offered = await Offered.start();
    const socket = await offered.relay.socket();
    for (const sequence of [0, 1]) {
      socket.send({ streamId: UNKNOWN, body: { kind: "data", sequence, payload: new Uint8Array(16) } });
    }
    await socket.reset(UNKNOWN, 2);
    expect(socket.of(UNKNOWN)[0]?.body).toEqual({ kind: "reset", reason: RESET_REASON });
  });

  test.each<RelayFrameBody>([
    { kind: "ack" },
    { kind: "resume", nextSequence: 5 },
    { kind: "heartbeat" },
    { kind: "heartbeat", hold: true },
    { kind: "reset", reason: "x" },
  ])("$kind of a stream that is not there is ignored", async (body) => {
    await using offered = await Offered.start();
    const socket = await offered.relay.socket();
    socket.send({ streamId: UNKNOWN, body });
    await settled(socket);
    expect(socket.of(UNKNOWN)).toEqual([]);
  });

  test.each<RelayFrameBody>([{ kind: "ack" }, { kind: "resume", nextSequence: 5 }, { kind: "heartbeat" }])(
    "$kind of a live stream is ignored",
    async (body) => {
      await using offered = await Offered.start();
      const { harness } = await offered.joined();
      harness.socket.send({ streamId: harness.streamId, body });
      await works(offered, harness);
    },
  );

  test("a reset of a live stream ends it, is not answered, and its reason is not told", async () => {
    await using offered = await Offered.start();
    const { harness, served } = await offered.joined();
    harness.socket.send({ streamId: harness.streamId, body: { kind: "reset", reason: "the reason" } });
    await until(() => served.close !== undefined);
    expect(served.close).toMatchObject({ initiator: "remote", reason: "Noise relay stream reset" });
    await settled(harness.socket);
    expect(harness.socket.of(harness.streamId, "reset")).toEqual([]);
    expect(JSON.stringify(offered.lines)).not.toContain("the reason");
  });

  test("a handshake on a live stream is answered by a reset, and the stream goes on", async () => {
    await using offered = await Offered.start();
    const { harness } = await offered.joined();
    harness.socket.send({ streamId: harness.streamId, body: { kind: "handshake", payload: new Uint8Array(3_572) } });
    await harness.socket.reset(harness.streamId);
    await works(offered, harness);
    expect(offered.reasons()).toContain("duplicate_active_stream");
  });

  test("an id may be used again after its stream has ended", async () => {
    await using offered = await Offered.start();
    const { harness, served } = await offered.joined({ streamId: "again" });
    harness.reset();
    await until(() => served.close !== undefined);
    const { harness: next, served: later } = await offered.joined({ streamId: "again" });
    next.send("{}");
    await until(() => later.frames.length === 1);
  });
});

/** Records of one message each, made before they are sent. */
function records(harness: RawHarness, messages: readonly Uint8Array[]): readonly Uint8Array[] {
  const { sealer } = harness.channel ?? {};
  if (sealer === undefined) throw new Error("not opened");
  return messages.map((message) => sealer.seal(message));
}

function prefixed(text: string, length = text.length): Uint8Array {
  const bytes = Buffer.alloc(4 + text.length, text);
  bytes.writeUInt32BE(length);
  bytes.write(text, 4);
  return bytes;
}

describe("records of a live stream", () => {
  async function ended(act: (harness: RawHarness) => void): Promise<string> {
    await using offered = await Offered.start();
    const { harness, served } = await offered.joined();
    act(harness);
    await harness.socket.reset(harness.streamId);
    expect(offered.offer.streamCount).toBe(0);
    return served.close?.reason ?? "open";
  }

  test("one that is not what the harness sealed", async () => {
    expect(await ended((harness) => harness.record(0, new Uint8Array(32)))).not.toBe("open");
  });

  test("one that was changed by a bit", async () => {
    const reason = await ended((harness) => {
      const [record = new Uint8Array()] = records(harness, [prefixed("{}")]);
      record[5] = (record[5] ?? 0) ^ 1;
      harness.record(0, record);
    });
    expect(reason).not.toBe("open");
  });

  test("one that is 65 ahead", async () => {
    expect(await ended((harness) => harness.record(65, new Uint8Array(32)))).toContain("exceeds reorder window");
  });

  test("one that is shorter than its tag", async () => {
    expect(await ended((harness) => harness.record(0, new Uint8Array(15)))).toContain(
      "transport ciphertext is too short",
    );
  });

  test.each([0, RELAY_LIMITS.maxRpcMessageBytes + 1])("a message that says it has %i bytes", async (length) => {
    const reason = await ended((harness) => {
      harness.record(0, records(harness, [prefixed("", length)])[0] as Uint8Array);
    });
    expect(reason).toContain("Noise relay JSON-RPC message has invalid length");
  });

  test("doubled, swapped and cut anywhere, they are one stream of messages", async () => {
    await using offered = await Offered.start();
    const { harness, served } = await offered.joined();
    const bytes = Buffer.concat([prefixed('{"id":1}'), prefixed('{"id":2}'), prefixed('{"id":3}')]);
    const sealed = records(
      harness,
      [...bytes].map((byte) => Uint8Array.of(byte)),
    );
    for (let at = 0; at < sealed.length; at += 2) {
      for (const sequence of [at + 1, at, at]) {
        const record = sealed[sequence];
        if (record !== undefined) harness.record(sequence, record);
      }
    }
    await until(() => served.frames.length === 3);
    expect(served.frames.map((frame) => Buffer.from(frame as Uint8Array).toString())).toEqual([
      '{"id":1}',
      '{"id":2}',
      '{"id":3}',
    ]);
    expect(served.close).toBeUndefined();
  });

  test("one bad stream leaves the others alone", async () => {
    await using offered = await Offered.start();
    const { harness: good } = await offered.joined();
    const { harness: bad } = await offered.joined();
    bad.record(0, new Uint8Array(100));
    await bad.socket.reset(bad.streamId);
    await works(offered, good);
  });
});

describe("a relay that does not read", () => {
  test("is left when it makes the executor answer without end", async () => {
    await using offered = await Offered.start({ random: () => 1 });
    const socket = await offered.relay.socket();
    socket.webSocket.pause();
    const streamId = "x".repeat(50_000);
    const frame = encodeFrame({ streamId, body: { kind: "data", sequence: 0, payload: new Uint8Array(16) } });
    const feed = setInterval(() => {
      for (let count = 0; count < 20; count += 1) socket.raw(frame);
    }, 1);
    try {
      await until(() => offered.messages().includes("Noise executor disconnected from rendezvous"), {
        deadlineMs: 20_000,
      });
    } finally {
      clearInterval(feed);
    }
    socket.webSocket.terminate();
  });
});
