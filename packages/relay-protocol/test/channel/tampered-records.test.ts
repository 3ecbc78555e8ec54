import { describe, expect, test } from "vitest";
import { ChannelError } from "../../src/channel/channel-error.ts";
import { MessageReceiver } from "../../src/channel/message-receiver.ts";
import { MessageSender } from "../../src/channel/message-sender.ts";
import { NoiseError } from "../../src/noise/noise-error.ts";
import { channelOf } from "../../src/noise/records.ts";
import { tampered, upTo } from "../tampering.ts";

const key = () => Buffer.alloc(32, 0x4b);
const otherKey = () => Buffer.alloc(32, 0x4c);

/** The side that opens what {@link records} are, at record `first`. */
const openerAt = (first = 0) => channelOf({ sealing: otherKey(), opening: key() }, first).opener;

const MESSAGES = Array.from({ length: 100 }, (_, index) =>
  Buffer.from(`{"id":${index},"text":"${"x".repeat(index % 9)}"}`),
);

/** One message each. */
const records: Uint8Array[] = [];
const sender = new MessageSender(channelOf({ sealing: key(), opening: otherKey() }).sealer);
for (const message of MESSAGES) sender.send(message, (_sequence, record) => records.push(record));

/** Deliver and end at the first refusal. */
function delivered(pieces: Iterable<readonly [sequence: number, record: Uint8Array]>): {
  messages: Uint8Array[];
  refusal: unknown;
} {
  const receiver = new MessageReceiver(openerAt());
  const messages: Uint8Array[] = [];
  try {
    for (const [sequence, record] of pieces) messages.push(...receiver.receive(sequence, record));
  } catch (refusal) {
    expect(refusal instanceof NoiseError || refusal instanceof ChannelError).toBe(true);
    expect(() => receiver.receive(0, records[0]!)).toThrow("the stream is over");
    return { messages, refusal };
  }
  return { messages, refusal: undefined };
}

/** Without the assertions of the test runner, which take most of the time of the 20,000. */
function expectRefused(sequence: number): void {
  const record = records[sequence]!;
  for (const { how, bytes } of tampered(record, upTo(record.length))) {
    const opener = openerAt(sequence);
    const refusal = refusalOf(() => new MessageReceiver(opener).receive(sequence, bytes));
    if (!(refusal instanceof NoiseError)) throw new Error(`record ${sequence}, ${how}: ${String(refusal)}`);
    const after = refusalOf(() => opener.open(record));
    if (!(after instanceof NoiseError)) throw new Error(`record ${sequence}, ${how}: goes on`);
  }
}

function refusalOf(step: () => unknown): unknown {
  try {
    step();
    return "accepted";
  } catch (error) {
    return error;
  }
}

const inOrder = () => records.map((record, sequence) => [sequence, record] as const);

describe("100 records", () => {
  test("arrive as they were sent, or the rest shows nothing", () => {
    expect(records).toHaveLength(100);
    expect(delivered(inOrder())).toEqual({ messages: MESSAGES, refusal: undefined });
  });

  test("are refused when any byte of one differs, and nothing of it is delivered", () => {
    for (const sequence of upTo(100, 17)) expectRefused(sequence);
  });

  test("are refused when any byte of any differs", { tags: "long", timeout: 120_000 }, () => {
    for (const sequence of upTo(100)) expectRefused(sequence);
  });

  test("are no messages behind one that is missing", () => {
    for (const missing of upTo(100, 7)) {
      const { messages, refusal } = delivered(inOrder().filter(([sequence]) => sequence !== missing));
      expect(messages).toEqual(MESSAGES.slice(0, missing));
      // Those in the window wait for it; the first one beyond ends the stream.
      if (missing + 65 < 100)
        expect(refusal).toEqual(new ChannelError("Noise relay ciphertext exceeds reorder window"));
      else expect(refusal).toBeUndefined();
    }
  });

  test("count once, however often they come", () => {
    const twice = inOrder().flatMap((each) => [each, each]);
    expect(delivered(twice)).toEqual({ messages: MESSAGES, refusal: undefined });
    expect(delivered([...inOrder(), ...inOrder()])).toEqual({ messages: MESSAGES, refusal: undefined });
  });

  test("come in order when neighbours are swapped", () => {
    const swapped = inOrder().map(([sequence]) => [sequence ^ 1, records[sequence ^ 1]!] as const);
    expect(delivered(swapped)).toEqual({ messages: MESSAGES, refusal: undefined });
  });

  test("are refused in the place of each other", () => {
    for (const sequence of upTo(99)) {
      const moved = inOrder().map(([at, record]) => [at, at === sequence ? records[at + 1]! : record] as const);
      const { messages, refusal } = delivered(moved);
      expect(messages).toEqual(MESSAGES.slice(0, sequence));
      expect(refusal).toEqual(new NoiseError("Decrypt error"));
    }
  });

  test("can be opened by nobody else, and not by who sealed them", () => {
    const stranger = channelOf({ sealing: key(), opening: Buffer.alloc(32, 0x4d) });
    const reflected = channelOf({ sealing: key(), opening: otherKey() });
    for (const { opener } of [stranger, reflected]) {
      expect(() => opener.open(records[0]!)).toThrow(new NoiseError("Decrypt error"));
      expect(() => opener.open(records[0]!)).toThrow("the channel is closed");
    }
  });

  test("keep the first copy of one that came too early, forged or not", () => {
    const forged = Uint8Array.from(records[2]!).fill(0, 0, 1);
    const early = [
      [2, forged],
      [2, records[2]!],
      [0, records[0]!],
      [1, records[1]!],
    ] as const;
    const { messages, refusal } = delivered(early);
    expect(messages).toEqual(MESSAGES.slice(0, 1));
    expect(refusal).toEqual(new NoiseError("Decrypt error"));
  });
});
