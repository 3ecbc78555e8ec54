import { describe, expect, test } from "vitest";
import { MessageReceiver, type MessageReceiverOptions } from "../../src/channel/message-receiver.ts";
import { MessageSender } from "../../src/channel/message-sender.ts";
import { sealInto, takeKey } from "../../src/noise/aes-gcm.ts";
import type { Channel } from "../../src/noise/channel.ts";
import { channelOf } from "../../src/noise/records.ts";

const INVALID_LENGTH = "Noise relay JSON-RPC message has invalid length";
const EXHAUSTED = "Noise relay sequence number exhausted";
const MIB = 1024 * 1024;

function pair(first = 0): { near: Channel; far: Channel } {
  const keys = () => ({ sealing: Buffer.alloc(32, 1), opening: Buffer.alloc(32, 2) });
  const swapped = { sealing: keys().opening, opening: keys().sealing };
  return { near: channelOf(keys(), first), far: channelOf(swapped, first) };
}

/** Seals anything, whatever its length. */
function lawless(): (sequence: number, plaintext: Uint8Array) => Uint8Array {
  const key = takeKey(Buffer.alloc(32, 1));
  return (sequence, plaintext) => {
    const record = Buffer.alloc(plaintext.length + 16);
    sealInto(record, 0, key, sequence, [plaintext]);
    return record;
  };
}

function receiver(options?: MessageReceiverOptions): MessageReceiver {
  return new MessageReceiver(pair().far.opener, options);
}

function prefixed(length: number, bytes = 0): Buffer {
  const piece = Buffer.alloc(4 + bytes, "m");
  piece.writeUInt32BE(length);
  return piece;
}

describe("a record", () => {
  test("carries 61,440 bytes and no more", () => {
    const { near } = pair();
    expect(near.sealer.seal(new Uint8Array(61_440))).toHaveLength(61_456);
    expect(() => near.sealer.seal(new Uint8Array(61_441))).toThrow(
      "Noise relay plaintext record exceeds maximum length",
    );
    const seal = lawless();
    expect(receiver().receive(0, seal(0, prefixed(61_436, 61_436)))).toHaveLength(1);
    expect(() => receiver().receive(0, seal(0, prefixed(61_437, 61_437)))).toThrow(
      "Noise relay plaintext record exceeds maximum length",
    );
  });

  test("has a tag, and is no longer than a Noise message", () => {
    expect(() => receiver().receive(0, new Uint8Array(15))).toThrow("transport ciphertext is too short");
    expect(() => receiver().receive(0, new Uint8Array(16))).toThrow("Decrypt error");
    expect(() => receiver().receive(0, new Uint8Array(65_535))).toThrow(
      "Noise relay plaintext record exceeds maximum length",
    );
    expect(() => receiver().receive(0, new Uint8Array(65_536))).toThrow("transport ciphertext is too large");
  });

  test("is looked at when it is its turn, as by the executors of releases", () => {
    const { near, far } = pair();
    const ahead = new MessageReceiver(far.opener);
    expect(ahead.receive(1, new Uint8Array(1))).toEqual([]);
    const first = near.sealer.seal(prefixed(1, 1));
    expect(() => ahead.receive(0, first)).toThrow("transport ciphertext is too short");
  });

  test("may carry nothing, or many messages", () => {
    const seal = lawless();
    const some = receiver();
    expect(some.receive(0, seal(0, Buffer.alloc(0)))).toEqual([]);
    const three = Buffer.concat([prefixed(1, 1), prefixed(2, 2), prefixed(3, 3)]);
    expect(some.receive(1, seal(1, three)).map((message) => Buffer.from(message).toString())).toEqual([
      "m",
      "mm",
      "mmm",
    ]);
  });
});

describe("a message", () => {
  const seal = lawless();

  test("has at least one byte", () => {
    expect(() => receiver().receive(0, seal(0, prefixed(0)))).toThrow(INVALID_LENGTH);
    expect(() => new MessageSender(pair().near.sealer).send(new Uint8Array(0), () => {})).toThrow(INVALID_LENGTH);
  });

  test("has at most 64 MiB, and is refused before it comes", () => {
    expect(receiver().receive(0, seal(0, prefixed(64 * MIB)))).toEqual([]);
    for (const length of [64 * MIB + 1, 0x7fff_ffff, 0xffff_ffff]) {
      expect(() => receiver().receive(0, seal(0, prefixed(length)))).toThrow(INVALID_LENGTH);
    }
    const sender = new MessageSender(pair().near.sealer);
    expect(() => sender.send(new Uint8Array(64 * MIB + 1), () => {})).toThrow(INVALID_LENGTH);
    // Nothing of it went out: the next one is as if it had not been.
    const sent: number[] = [];
    sender.send(Buffer.from("m"), (sequence) => sent.push(sequence));
    expect(sent).toEqual([0]);
  });

  test("of 64 MiB arrives", { tags: "long" }, () => {
    const { near, far } = pair();
    const message = Buffer.alloc(64 * MIB, "0123456789abcdef!");
    const receiving = new MessageReceiver(far.opener);
    const received: Uint8Array[] = [];
    new MessageSender(near.sealer).send(message, (sequence, record) =>
      received.push(...receiving.receive(sequence, record)),
    );
    expect(received).toHaveLength(1);
    expect(Buffer.compare(received[0]!, message)).toBe(0);
  });

  test("has as much as the receiver takes, if that is less", () => {
    expect(receiver({ maxMessageBytes: 10 }).receive(0, seal(0, prefixed(10, 10)))).toHaveLength(1);
    expect(() => receiver({ maxMessageBytes: 10 }).receive(0, seal(0, prefixed(11)))).toThrow(INVALID_LENGTH);
    expect(() => receiver({ maxMessageBytes: 2 ** 40 }).receive(0, seal(0, prefixed(64 * MIB + 1)))).toThrow(
      INVALID_LENGTH,
    );
  });

  test("gets memory as it comes, and not for what its length says", () => {
    const allocated: number[] = [];
    const allocate = (bytes: number) => {
      allocated.push(bytes);
      return new Uint8Array(bytes);
    };
    const growing = receiver({ allocate });
    growing.receive(0, seal(0, prefixed(64 * MIB, 61_436)));
    expect(allocated).toEqual([MIB]);
    for (let sequence = 1; sequence < 100; sequence += 1)
      growing.receive(sequence, seal(sequence, Buffer.alloc(61_440)));
    expect(allocated).toEqual([MIB, 4 * MIB, 16 * MIB]);
    const small = receiver({ allocate });
    allocated.length = 0;
    small.receive(0, seal(0, prefixed(5, 2)));
    expect(small.receive(1, seal(1, Buffer.from("mno")))).toEqual([new Uint8Array(Buffer.from("mmmno"))]);
    expect(allocated).toEqual([5]);
  });
});

describe("records that come too early", () => {
  const seal = lawless();

  test("are held up to 64 places ahead", () => {
    const waiting = receiver();
    for (let sequence = 64; sequence > 0; sequence -= 1) {
      expect(waiting.receive(sequence, seal(sequence, prefixed(1, 1)))).toEqual([]);
    }
    expect(waiting.receive(0, seal(0, prefixed(1, 1)))).toHaveLength(65);
    const far = receiver();
    expect(() => far.receive(65, seal(65, prefixed(1, 1)))).toThrow("Noise relay ciphertext exceeds reorder window");
  });

  test("are held up to 1 MiB, and room comes back", () => {
    const FULL = "Noise relay pending ciphertext buffer is full";
    /** 17 records of 61,456 bytes and one of what is missing. */
    const fill = (waiting: MessageReceiver, last: number) => {
      for (let sequence = 1; sequence <= 17; sequence += 1)
        waiting.receive(sequence, seal(sequence, Buffer.alloc(61_440, 1)));
      waiting.receive(18, seal(18, Buffer.alloc(last, 1)));
    };
    const rest = MIB - 17 * 61_456 - 16;
    expect(() => fill(receiver(), rest + 1)).toThrow(FULL);
    const full = receiver();
    fill(full, rest);
    // What was held already takes no more room.
    expect(full.receive(18, seal(18, Buffer.alloc(rest, 1)))).toEqual([]);
    expect(full.receive(0, seal(0, prefixed(16 * MIB)))).toEqual([]);
    expect(full.receive(20, seal(20, Buffer.alloc(61_440, 1)))).toEqual([]);
    const overfull = receiver();
    fill(overfull, rest);
    expect(() => overfull.receive(19, seal(19, Buffer.alloc(0)))).toThrow(FULL);
  });

  test("are copies: what they lay in may be used again", () => {
    const waiting = receiver();
    const record = seal(1, prefixed(1, 1));
    waiting.receive(1, record);
    record.fill(0);
    expect(waiting.receive(0, seal(0, prefixed(1, 1)))).toHaveLength(2);
  });
});

describe("the sequence numbers", () => {
  const LAST = 0xffff_ffff;

  test("end before 2^32 - 1 on both sides", () => {
    const { near, far } = pair(LAST - 2);
    const sender = new MessageSender(near.sealer);
    const receiving = new MessageReceiver(far.opener);
    const received: Uint8Array[] = [];
    const sequences: number[] = [];
    const send = (bytes: number) =>
      sender.send(Buffer.alloc(bytes, "m"), (sequence, record) => {
        sequences.push(sequence);
        received.push(...receiving.receive(sequence, record));
      });
    // More records than there are numbers: nothing goes out.
    expect(() => send(3 * 61_440)).toThrow(EXHAUSTED);
    send(1);
    send(1);
    expect(sequences).toEqual([LAST - 2, LAST - 1]);
    expect(received).toHaveLength(2);
    expect(() => send(1)).toThrow(EXHAUSTED);
    expect(() => near.sealer.seal(Buffer.from("m"))).toThrow(EXHAUSTED);
    expect(() => receiving.receive(LAST, lawless()(LAST, prefixed(1, 1)))).toThrow(EXHAUSTED);
  });

  test("may not be skipped to the end", () => {
    expect(() => receiver().receive(LAST, new Uint8Array(16))).toThrow("Noise relay ciphertext exceeds reorder window");
  });
});

describe("a sender", () => {
  test("that was cut off in the middle of a message sends no more", () => {
    const { near } = pair();
    const sender = new MessageSender(near.sealer);
    const cut = () =>
      sender.send(new Uint8Array(200_000), (sequence) => {
        if (sequence === 1) throw new Error("the socket is gone");
      });
    expect(cut).toThrow("the socket is gone");
    expect(() => sender.send(Buffer.from("m"), () => {})).toThrow("the stream is over");
    expect(() => near.sealer.seal(Buffer.from("m"))).toThrow("the channel is closed");
  });

  test("takes no message inside another", () => {
    const sender = new MessageSender(pair().near.sealer);
    const nested = () => sender.send(Buffer.from("a"), () => sender.send(Buffer.from("b"), () => {}));
    expect(nested).toThrow("the stream is over");
  });
});
