import { BinaryFrame } from "@holdfast/protocol-kit";
import { describe, expect, test, vi } from "vitest";
import type { PortPair, PortPairFactory, PortPairOptions, TransportTraits } from "./port-pair.ts";
import { RecordingReceiver } from "./recording-receiver.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** A few turns of the event loop, sockets included: long enough for what is wrongly under way to arrive. */
async function quietTurns(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** A port that has to look for itself tells a little later than one that is told. */
async function drainsOf({ atLeft }: OpenPair, count: number): Promise<void> {
  await vi.waitFor(() => expect(atLeft.drains).toBeGreaterThanOrEqual(count), { interval: 5, timeout: 5_000 });
  await quietTurns();
}

interface OpenPair extends PortPair {
  readonly atLeft: RecordingReceiver;
  readonly atRight: RecordingReceiver;
}

/** The tests that every transport must pass. Call it inside a vitest file, with a factory that makes joined pairs. */
export function framePortContract(name: string, factory: PortPairFactory, traits: TransportTraits): void {
  const openPair = async (options: PortPairOptions = {}): Promise<OpenPair> => {
    const pair = await factory(options);
    const atLeft = new RecordingReceiver();
    const atRight = new RecordingReceiver();
    pair.left.open(atLeft);
    pair.right.open(atRight);
    return {
      left: pair.left,
      right: pair.right,
      atLeft,
      atRight,
      [Symbol.asyncDispose]: () => pair[Symbol.asyncDispose](),
    };
  };

  describe(`${name} as a frame port`, () => {
    describeDelivery(factory, openPair);
    if (traits.carriesBinary === true) describeBinary(openPair);
    else if (traits.carriesBinary !== "of length") describeNoBinary(openPair);
    describeBackPressure(openPair);
    describeClosing(factory, openPair, traits);
  });
}

type OpenPairFunction = (options?: PortPairOptions) => Promise<OpenPair>;

function describeDelivery(factory: PortPairFactory, openPair: OpenPairFunction): void {
  test("delivers frames whole and in order, both ways at once", async () => {
    await using pair = await openPair();
    const fromLeft = Array.from({ length: 200 }, (_, index) => `{"from":"left","index":${index}}`);
    const fromRight = Array.from({ length: 200 }, (_, index) => `{"from":"right","index":${index}}`);
    for (const frame of fromLeft) pair.left.send(frame);
    for (const frame of fromRight) pair.right.send(frame);
    expect(await pair.atRight.framesArrived(200)).toEqual(fromLeft);
    expect(await pair.atLeft.framesArrived(200)).toEqual(fromRight);
  });

  test("delivers 10,000 small frames", async () => {
    await using pair = await openPair();
    const frames = Array.from({ length: 10_000 }, (_, index) => `{"n":${index}}`);
    for (const frame of frames) pair.left.send(frame);
    expect(await pair.atRight.framesArrived(10_000)).toEqual(frames);
  });

  test("delivers a frame of 5 MiB between two small ones", async () => {
    await using pair = await openPair();
    const big = JSON.stringify({ data: "é".repeat(5 * MIB) });
    pair.left.send("{}");
    pair.left.send(big);
    pair.left.send("[]");
    const frames = await pair.atRight.framesArrived(3);
    expect(frames.map((frame) => frame.length)).toEqual([2, big.length, 2]);
    expect(frames[1] === big).toBe(true);
  });

  test("keeps text outside ASCII intact", async () => {
    await using pair = await openPair();
    const text = JSON.stringify({ text: "äß 漢字 🚀 \u0000 \u2028" });
    pair.left.send(text);
    expect(await pair.atRight.framesArrived(1)).toEqual([text]);
  });

  test("delivers frames that were sent as bytes like those sent as text", async () => {
    await using pair = await openPair();
    const texts = [
      "{}",
      "",
      "é 漢字 🚀",
      "x".repeat(200),
      "ß".repeat(70 * KIB),
      `{"data":"${"QUJD".repeat(MIB)}"}`,
      "[]",
    ];
    const framesOf = (port: "left" | "right") => texts.map((text) => `${port}${text}`);
    for (const [index, text] of framesOf("left").entries()) {
      pair.left.send(index % 3 === 2 ? text : new TextEncoder().encode(text));
    }
    for (const text of framesOf("right")) pair.right.send(Buffer.from(`..${text}.`).subarray(2, -1));
    const [atRight, atLeft] = [await pair.atRight.framesArrived(7), await pair.atLeft.framesArrived(7)];
    expect(atRight.map((text) => text.length)).toEqual(framesOf("left").map((text) => text.length));
    expect(atRight.every((text, index) => text === framesOf("left")[index])).toBe(true);
    expect(atLeft.every((text, index) => text === framesOf("right")[index])).toBe(true);
  });

  test("loses no frame that was sent before the far end was opened", async () => {
    await using pair = await factory({});
    pair.left.open(new RecordingReceiver());
    for (let index = 0; index < 100; index += 1) pair.left.send(`${index}`);
    await quietTurns();
    const late = new RecordingReceiver();
    pair.right.open(late);
    expect(await late.framesArrived(100)).toEqual(Array.from({ length: 100 }, (_, index) => `${index}`));
  });

  test("delivers nothing inside open", async () => {
    await using pair = await factory({});
    pair.left.open(new RecordingReceiver());
    pair.left.send("early");
    await quietTurns();
    const receiver = new RecordingReceiver();
    pair.right.open(receiver);
    expect(receiver.frames).toEqual([]);
    expect(await receiver.framesArrived(1)).toEqual(["early"]);
  });

  test("refuses to be opened twice", async () => {
    await using pair = await openPair();
    expect(() => pair.left.open(new RecordingReceiver())).toThrow("only once");
  });
}

/** Lengths around those at which a websocket writes its frames another way, and beyond its longest. */
const BINARY_LENGTHS = [0, 1, 2, 120, 121, 122, 125, 126, 65_530, 65_535, 65_536, MIB, 17 * MIB];

function describeBinary(openPair: OpenPairFunction): void {
  test("delivers binary messages whole, as what they are, between texts and in order, both ways at once", async () => {
    await using pair = await openPair();
    const sent = BINARY_LENGTHS.map((length) => Buffer.alloc(length, length));
    for (const [from, to] of [
      [pair.left, pair.atRight],
      [pair.right, pair.atLeft],
    ] as const) {
      expect(from.carriesBinary).toBe(true);
      for (const bytes of sent) {
        from.send(new BinaryFrame([Buffer.from(bytes)]));
        from.send(new BinaryFrame([Buffer.from("head"), bytes], () => {}));
        from.send("text");
      }
      await to.framesArrived(sent.length * 3);
      const expected = sent.flatMap((bytes) => [bytes, Buffer.concat([Buffer.from("head"), bytes])]);
      expect(to.binaries.map((bytes) => bytes.length)).toEqual(expected.map((bytes) => bytes.length));
      expect(to.binaries.every((bytes, at) => expected[at]?.equals(bytes))).toBe(true);
      expect(to.frames.filter((_, at) => at % 3 === 2)).toEqual(sent.map(() => "text"));
    }
  });

  test("is done with the bytes of a binary message once, and then leaves their memory alone", async () => {
    await using pair = await openPair();
    const bytes = Buffer.alloc(MIB, "a");
    const taken = vi.fn<() => void>(() => void bytes.fill("b"));
    pair.left.send(new BinaryFrame([Buffer.from("head"), bytes], taken));
    await pair.atRight.framesArrived(1);
    await vi.waitFor(() => expect(taken).toHaveBeenCalledOnce());
    await quietTurns();
    expect(taken).toHaveBeenCalledOnce();
    expect(pair.atRight.frames).toEqual([`head${"a".repeat(MIB)}`]);
  });

  test("counts the bytes of binary messages, and drains after them", async () => {
    await using pair = await openPair({ highWaterBytes: 1_000, lowWaterBytes: 0 });
    pair.left.send(new BinaryFrame([Buffer.from("head"), Buffer.alloc(1_000)], () => {}));
    expect([pair.left.writable, pair.left.queuedBytes >= 1_000]).toEqual([false, true]);
    await pair.atRight.framesArrived(1);
    await drainsOf(pair, 1);
    expect([pair.left.writable, pair.left.queuedBytes, pair.atLeft.drains]).toEqual([true, 0, 1]);
  });

  test("sends what is queued of binary messages before it closes, and none after", async () => {
    await using pair = await openPair();
    for (let index = 0; index < 20; index += 1)
      pair.left.send(new BinaryFrame([Buffer.alloc(4), Buffer.alloc(100_000)]));
    pair.left.close(1000, "done");
    pair.left.send(new BinaryFrame([Buffer.from("too late")]));
    await pair.atRight.closedOnce();
    expect(pair.atRight.binaries.map((bytes) => bytes.length)).toEqual(Array.from({ length: 20 }, () => 100_004));
  });
}

function describeNoBinary(openPair: OpenPairFunction): void {
  test("ends at a binary message, which it can not carry, and not at a text that came as one", async () => {
    await using pair = await openPair();
    expect(pair.left.carriesBinary ?? false).toBe(false);
    pair.left.send(new BinaryFrame([Buffer.from('{"a":1}')]));
    expect(await pair.atRight.framesArrived(1)).toEqual(['{"a":1}']);
    pair.left.send(new BinaryFrame([Buffer.from([0, 0, 0, 2, 0x7b, 0x7d])]));
    expect((await pair.atLeft.closedOnce()).reason).toBe("a binary message can not travel as a line");
  });
}

function describeBackPressure(openPair: OpenPairFunction): void {
  test("delivers nothing while paused, and everything in order after resume", async () => {
    await using pair = await openPair();
    pair.atRight.onFrame = (text) => {
      if (text === "3") pair.right.pause();
    };
    const frames = Array.from({ length: 100 }, (_, index) => `${index}`);
    for (const frame of frames) pair.left.send(frame);
    await pair.atRight.framesArrived(4);
    await quietTurns();
    expect(pair.atRight.frames).toEqual(["0", "1", "2", "3"]);
    pair.right.resume();
    expect(await pair.atRight.framesArrived(100)).toEqual(frames);
  });

  test("may be paused again at every frame", async () => {
    await using pair = await openPair();
    pair.atRight.onFrame = () => {
      pair.right.pause();
      queueMicrotask(() => pair.right.resume());
    };
    const frames = Array.from({ length: 300 }, (_, index) => `${index}`);
    for (const frame of frames) pair.left.send(frame);
    expect(await pair.atRight.framesArrived(300)).toEqual(frames);
  });

  test("may be paused and resumed inside one frame", async () => {
    await using pair = await openPair();
    pair.atRight.onFrame = () => {
      pair.right.pause();
      pair.right.resume();
    };
    const frames = Array.from({ length: 300 }, (_, index) => `${index}`);
    for (const frame of frames) pair.left.send(frame);
    expect(await pair.atRight.framesArrived(300)).toEqual(frames);
  });

  test("makes the far end feel a pause, tells it of its full queue, and once that has drained", async () => {
    await using pair = await openPair({ highWaterBytes: 64 * KIB, lowWaterBytes: 16 * KIB });
    pair.right.pause();
    const frame = "x".repeat(48 * KIB);
    let sent = 0;
    // A socket's own buffers take megabytes before anything stays queued here; 192 MiB are beyond all of them.
    const isStuck = async (): Promise<boolean> => {
      await quietTurns();
      return !pair.left.writable;
    };
    while (sent < 4_096 && (pair.left.writable || !(await isStuck()))) {
      pair.left.send(frame);
      sent += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(sent).toBeLessThan(4_096);
    expect(pair.left.writable).toBe(false);
    expect(pair.left.queuedBytes).toBeGreaterThanOrEqual(64 * KIB);
    expect(pair.left.queuedBytes).toBeLessThan(64 * KIB + frame.length + 100);
    const drainsBefore = pair.atLeft.drains;
    pair.right.resume();
    await pair.atRight.framesArrived(sent);
    await drainsOf(pair, drainsBefore + 1);
    expect(pair.atLeft.drains).toBe(drainsBefore + 1);
    expect([pair.left.writable, pair.left.queuedBytes]).toEqual([true, 0]);
  });

  test("counts bytes by their number, and drains after them", async () => {
    await using pair = await openPair({ highWaterBytes: 1_000, lowWaterBytes: 0 });
    pair.left.send(new Uint8Array(1_000).fill(65));
    expect([pair.left.writable, pair.left.queuedBytes >= 1_000]).toEqual([false, true]);
    await pair.atRight.framesArrived(1);
    await drainsOf(pair, 1);
    expect([pair.left.writable, pair.left.queuedBytes, pair.atLeft.drains]).toEqual([true, 0, 1]);
  });

  test("takes frames beyond the high-water mark, and drains after each time it was full", async () => {
    await using pair = await openPair({ highWaterBytes: 1, lowWaterBytes: 0 });
    for (let round = 1; round <= 3; round += 1) {
      pair.left.send("a".repeat(1_000));
      expect(pair.left.writable).toBe(false);
      pair.left.send("b");
      await pair.atRight.framesArrived(2 * round);
      await drainsOf(pair, round);
      expect(pair.atLeft.drains).toBe(round);
    }
  });

  test("starts with an empty queue", async () => {
    await using pair = await openPair();
    expect([pair.left.queuedBytes, pair.left.writable]).toEqual([0, true]);
  });
}

function describeClosing(factory: PortPairFactory, openPair: OpenPairFunction, traits: TransportTraits): void {
  test("sends what is queued before it closes", async () => {
    await using pair = await openPair();
    const frames = Array.from({ length: 50 }, (_, index) => `${index}${"x".repeat(10_000)}`);
    for (const frame of frames) pair.left.send(frame);
    pair.left.close(1000, "done");
    await pair.atRight.closedOnce();
    expect(pair.atRight.frames).toEqual(frames);
  });

  test("tells both ends who closed", async () => {
    await using pair = await openPair();
    pair.left.close(4001, "lunch");
    expect(await pair.atLeft.closedOnce()).toMatchObject({ initiator: "local", reason: "lunch", code: 4001 });
    const seen = await pair.atRight.closedOnce();
    expect(seen.initiator).toBe("remote");
    if (traits.carriesClose) expect(seen).toMatchObject({ code: 4001, reason: expect.stringContaining("lunch") });
  });

  test("tells of the end exactly once, however often it is ended", async () => {
    await using pair = await openPair();
    pair.left.close(1000, "first");
    pair.left.close(1001, "second");
    pair.right.close(1000, "third");
    pair.left.destroy("fourth");
    await Promise.all([pair.atLeft.closedOnce(), pair.atRight.closedOnce()]);
    pair.left.close(1000, "fifth");
    pair.left.destroy("sixth");
    pair.left.pause();
    pair.left.resume();
    await quietTurns();
    expect(pair.atLeft.closes).toMatchObject([{ initiator: "local", reason: "first" }]);
    expect(pair.atRight.closes).toHaveLength(1);
  });

  test("is silent about frames that are sent after the end", async () => {
    await using pair = await openPair();
    pair.left.close(1000, "done");
    pair.left.send("too late");
    await Promise.all([pair.atLeft.closedOnce(), pair.atRight.closedOnce()]);
    pair.left.send("much too late");
    pair.right.send("too late as well");
    await quietTurns();
    expect(pair.atRight.frames).toEqual([]);
    expect(pair.atLeft.frames).toEqual([]);
  });

  test("delivers no frame after it was told to close", async () => {
    await using pair = await openPair();
    pair.right.send("1");
    pair.left.close(1000, "done");
    await pair.atLeft.closedOnce();
    await quietTurns();
    expect(pair.atLeft.frames).toEqual([]);
  });

  test("ends at once when destroyed, on both sides", async () => {
    await using pair = await openPair();
    const cause = new Error("why");
    pair.left.destroy("enough", cause);
    expect(pair.atLeft.closes).toEqual([]);
    expect(await pair.atLeft.closedOnce()).toMatchObject({ initiator: "local", reason: "enough", cause });
    const seen = await pair.atRight.closedOnce();
    expect(["remote", "fault"]).toContain(seen.initiator);
    expect(seen.reason).not.toBe("");
  });

  test("can be destroyed while paused", async () => {
    await using pair = await openPair();
    pair.left.pause();
    pair.left.destroy("enough");
    await pair.atLeft.closedOnce();
  });

  test("can be closed while paused with frames waiting", async () => {
    await using pair = await openPair();
    pair.left.pause();
    for (let index = 0; index < 100; index += 1) pair.right.send(`${index}`);
    await quietTurns();
    pair.left.close(1000, "done");
    await pair.atLeft.closedOnce();
    expect(pair.atLeft.frames).toEqual([]);
    await pair.atRight.closedOnce();
  });

  test("tells of an end that came before it was opened", async () => {
    await using pair = await factory({});
    pair.left.open(new RecordingReceiver());
    pair.left.send("last words");
    pair.left.close(1000, "done");
    await quietTurns();
    const late = new RecordingReceiver();
    pair.right.open(late);
    expect((await late.closedOnce()).initiator).toBe("remote");
    expect(late.frames).toEqual(["last words"]);
  });

  test("can be closed and destroyed before it was opened", async () => {
    await using pair = await factory({});
    pair.left.close(1000, "done");
    pair.right.destroy("done");
    const [left, right] = [new RecordingReceiver(), new RecordingReceiver()];
    pair.left.open(left);
    pair.right.open(right);
    await Promise.all([left.closedOnce(), right.closedOnce()]);
    expect([left.closes.length, right.closes.length]).toEqual([1, 1]);
  });
}
