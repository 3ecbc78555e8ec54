import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MessageCutter } from "../../src/channel/message-cutter.ts";
import { isBinaryMessage } from "../../src/channel/message-kind.ts";
import { MessageReceiver } from "../../src/channel/message-receiver.ts";
import { MessageSender } from "../../src/channel/message-sender.ts";
import { channelOf } from "../../src/noise/records.ts";

const keys = () => [Buffer.alloc(32, 1), Buffer.alloc(32, 2)] as const;

function ends() {
  const [first, second] = keys();
  const [third, fourth] = keys();
  const near = channelOf({ sealing: first, opening: second });
  const far = channelOf({ sealing: fourth, opening: third });
  return { near, receiver: new MessageReceiver(far.opener) };
}

const message = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 40 }),
  // Around the size of a record, where one is cut.
  fc
    .tuple(fc.integer({ min: 61_420, max: 61_460 }), fc.nat(255))
    .map(([bytes, byte]) => new Uint8Array(bytes).fill(byte)),
);
const messages = fc.array(message, { maxLength: 6 });

const framed = (all: readonly Uint8Array[]) =>
  Buffer.concat(
    all.flatMap((each) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(each.length);
      return [length, each];
    }),
  );

/** Cut anywhere, nothing included, but into no more than a record holds. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const all = places.map((place) => place % (bytes.length + 1));
  for (let at = 0; at < bytes.length; at += 61_440) all.push(at);
  const sorted = [...all, 0, bytes.length].sort((a, b) => a - b);
  return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end));
}

describe("messages", () => {
  test("arrive whole and in order, however they were cut into records", () => {
    const property = fc.property(messages, fc.array(fc.nat(), { maxLength: 30 }), (sent, places) => {
      const { near, receiver } = ends();
      const received = cut(framed(sent), places).flatMap((piece, sequence) =>
        receiver.receive(sequence, near.sealer.seal(piece)),
      );
      expect(received.map(({ length }) => length)).toEqual(sent.map(({ length }) => length));
      expect(Buffer.compare(framed(received), framed(sent))).toBe(0);
    });
    fc.assert(property, { numRuns: 60 });
  });

  test("arrive byte by byte", () => {
    const { near, receiver } = ends();
    const sent = [Buffer.from("{}"), Buffer.from("[1]")];
    const pieces = [...framed(sent)].map((byte) => Buffer.of(byte));
    const received = pieces.flatMap((piece, sequence) => receiver.receive(sequence, near.sealer.seal(piece)));
    expect(received.map((each) => Buffer.from(each))).toEqual(sent);
  });

  test("arrive in order and once, however their records overtake each other", () => {
    const order = fc.array(fc.record({ shift: fc.nat(20), twice: fc.boolean() }), { minLength: 1, maxLength: 80 });
    const property = fc.property(order, (shifts) => {
      const { near, receiver } = ends();
      const records = shifts.map(({ shift, twice }, sequence) => {
        const record = near.sealer.seal(framed([Buffer.from(`m${sequence}`)]));
        return { sequence, record, twice, place: sequence + shift };
      });
      records.sort((a, b) => a.place - b.place);
      const received = records.flatMap(({ sequence, record, twice }) => [
        ...receiver.receive(sequence, record),
        ...(twice ? receiver.receive(sequence, record) : []),
      ]);
      expect(received.map((each) => Buffer.from(each).toString())).toEqual(shifts.map((_, sequence) => `m${sequence}`));
    });
    fc.assert(property, { numRuns: 100 });
  });

  test("are cut as peers cut them: 60 KiB a record, each from a record of its own", () => {
    const property = fc.property(
      fc.array(fc.integer({ min: 1, max: 300_000 }), { minLength: 1, maxLength: 4 }),
      (sizes) => {
        const { near } = ends();
        const sender = new MessageSender(near.sealer);
        const lengths: number[] = [];
        const sequences: number[] = [];
        for (const bytes of sizes) {
          sender.send(new Uint8Array(bytes), (sequence, record) => {
            sequences.push(sequence);
            lengths.push(record.length - 16);
          });
        }
        const expected = sizes.flatMap((bytes) => {
          const whole = Math.ceil((bytes + 4) / 61_440) - 1;
          return [...Array<number>(whole).fill(61_440), bytes + 4 - whole * 61_440];
        });
        expect(lengths).toEqual(expected);
        expect(sequences).toEqual(expected.map((_, index) => index));
      },
    );
    fc.assert(property, { numRuns: 20 });
  });

  test("in parts are cut as if they were whole", () => {
    const parts = fc.array(
      fc
        .oneof(fc.constantFrom(0, 61_436, 61_440), fc.integer({ min: 0, max: 70_000 }))
        .map((bytes) => Buffer.alloc(bytes, bytes)),
      { minLength: 1, maxLength: 4 },
    );
    const property = fc.property(parts, (message) => {
      const whole = Buffer.concat(message);
      fc.pre(whole.length > 0);
      const cutter = new MessageCutter(message);
      const records: Buffer[] = [];
      while (cutter.bytesLeft > 0) records.push(Buffer.concat(cutter.next()));
      expect(records.slice(0, -1).every(({ length }) => length === 61_440)).toBe(true);
      expect(records.every(({ length }) => length > 0 && length <= 61_440)).toBe(true);
      expect(Buffer.compare(Buffer.concat(records), framed([whole]))).toBe(0);
      expect(cutter.next()).toEqual([]);
    });
    fc.assert(property, { numRuns: 60 });
  });

  test("that are seen on the wire of a real executor have the lengths of its records", () => {
    const { near } = ends();
    const lengths: number[] = [];
    new MessageSender(near.sealer).send(new Uint8Array(266_703), (_sequence, { length }) => lengths.push(length));
    expect(lengths).toEqual([61_456, 61_456, 61_456, 61_456, 20_963]);
  });
});

describe("the first byte", () => {
  test("tells bytes behind JSON from JSON alone", () => {
    const anyJson = fc
      .tuple(fc.constantFrom("", " ", "\t", "\n", "\r"), fc.json())
      .map(([space, json]) => space + json);
    fc.assert(fc.property(anyJson, (text) => !isBinaryMessage(Buffer.from(text))));
    const length = Buffer.alloc(4);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 64 * 1024 * 1024 }), (json) => {
        length.writeUInt32BE(json);
        return isBinaryMessage(length);
      }),
    );
    expect(isBinaryMessage(new Uint8Array(0))).toBe(false);
  });
});
