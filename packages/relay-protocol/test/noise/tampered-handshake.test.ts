import { describe, expect, test } from "vitest";
import { generateIdentity } from "../../src/noise/identity.ts";
import { Initiator } from "../../src/noise/initiator.ts";
import { NoiseError } from "../../src/noise/noise-error.ts";
import { prologueOf } from "../../src/noise/prologue.ts";
import { Responder } from "../../src/noise/responder.ts";
import { AUTHORIZATION, keyBytes, PLACE, PROLOGUE, recordHandshake } from "../handshake.ts";
import { tampered, upTo } from "../tampering.ts";

const recorded = recordHandshake();
const { first, second, harness, executor } = recorded;

/** First and last bytes of the parts of both messages, and of their neighbours. */
const FIRST_BORDERS = [0, 1088, 1120, 2304, 2352, 3552, first.length];
const SECOND_BORDERS = [0, 1088, 2192, 2224, 3408, second.length];
const around = (borders: readonly number[]) =>
  borders.flatMap((at) => [at - 1, at]).filter((at) => at >= 0 && at < (borders.at(-1) ?? 0));

/** What a step gave, where it should have thrown. */
function accepted(step: () => unknown): unknown {
  try {
    return step();
  } catch (error) {
    if (error instanceof NoiseError) return undefined;
    throw error;
  }
}

function expectRefused(message: Uint8Array, places: Iterable<number>, step: (bytes: Uint8Array) => unknown): void {
  for (const { how, bytes } of tampered(message, places)) {
    expect(
      accepted(() => step(bytes)),
      how,
    ).toBeUndefined();
  }
}

const readFirst = (bytes: Uint8Array) => recorded.responder().readFirst(bytes);
const readSecond = (bytes: Uint8Array) => recorded.initiator().readSecond(bytes);

describe("a handshake", () => {
  test("is accepted as it was recorded, or the rest shows nothing", () => {
    expect(readFirst(first).payload).toEqual(AUTHORIZATION);
    expect(keyBytes(readFirst(first).remoteKey)).toEqual(keyBytes(harness.publicKey));
    expect(readSecond(second).payload).toHaveLength(0);
  });

  test("is refused when a byte at the border of any part differs", () => {
    expectRefused(first, around(FIRST_BORDERS), readFirst);
    expectRefused(second, around(SECOND_BORDERS), readSecond);
  });

  test("is refused when any byte of its first message differs", { tags: "long", timeout: 300_000 }, () => {
    expectRefused(first, upTo(first.length), readFirst);
  });

  test("is refused when any byte of its second message differs", { tags: "long", timeout: 300_000 }, () => {
    expectRefused(second, upTo(second.length), readSecond);
  });

  test("is refused by another executor", () => {
    expect(accepted(() => recorded.responder({ identity: generateIdentity() }).readFirst(first))).toBeUndefined();
  });

  test.each([
    { ...PLACE, environmentId: "env-2" },
    { ...PLACE, registrationId: "reg-2" },
    { ...PLACE, streamId: "stream-2" },
    { ...PLACE, streamId: "stream-1 " },
    // The same characters, cut elsewhere.
    { ...PLACE, environmentId: "env-1r", registrationId: "eg-1" },
    { environmentId: "reg-1", registrationId: "env-1", streamId: "stream-1" },
  ])("is refused at $environmentId, $registrationId, $streamId", (place) => {
    expect(accepted(() => recorded.responder({ prologue: prologueOf(place) }).readFirst(first))).toBeUndefined();
  });

  test("is refused where the answer is to another knock of the same client", () => {
    const other = new Initiator({ identity: harness, remoteKey: executor.publicKey, prologue: PROLOGUE });
    other.writeFirst(AUTHORIZATION);
    expect(accepted(() => other.readSecond(second))).toBeUndefined();
  });

  test("is refused where somebody else answers in the executor's place", () => {
    const initiator = new Initiator({ identity: harness, remoteKey: executor.publicKey, prologue: PROLOGUE });
    initiator.writeFirst(AUTHORIZATION);
    const thief = generateIdentity();
    const toThief = new Initiator({ identity: harness, remoteKey: thief.publicKey, prologue: PROLOGUE });
    const responder = new Responder({ identity: thief, prologue: PROLOGUE });
    responder.readFirst(toThief.writeFirst(AUTHORIZATION));
    expect(accepted(() => initiator.readSecond(responder.writeSecond().message))).toBeUndefined();
  });

  test("that is recorded and sent once more gives a channel in which nothing that was recorded opens", () => {
    const said = recorded.here.sealer.seal(Buffer.from("rm -r build"));
    const replayed = new Responder({ identity: executor, prologue: PROLOGUE });
    // Who only looks at the first message can't tell; what it authorizes has to be good for once.
    expect(replayed.readFirst(first).payload).toEqual(AUTHORIZATION);
    const { channel } = replayed.writeSecond();
    expect(() => channel.opener.open(said)).toThrow(NoiseError);
  });

  test("refuses keys that agree on the same secret with everybody", () => {
    const points = [Buffer.alloc(32), Buffer.from(`01${"00".repeat(31)}`, "hex")];
    for (const x25519 of points) {
      const remoteKey = { ...executor.publicKey, x25519 };
      const initiator = new Initiator({ identity: harness, remoteKey, prologue: PROLOGUE });
      expect(() => initiator.writeFirst(AUTHORIZATION)).toThrow(new NoiseError("invalid X25519 public key"));
      const forged = Uint8Array.from(second);
      forged.set(x25519, 2192);
      expect(accepted(() => readSecond(forged))).toBeUndefined();
    }
  });

  test("refuses a key that is none of ML-KEM-768, and keys of other lengths", () => {
    const write = (remoteKey: typeof executor.publicKey) =>
      new Initiator({ identity: harness, remoteKey, prologue: PROLOGUE }).writeFirst(AUTHORIZATION);
    const { x25519, mlKem768 } = executor.publicKey;
    // Coefficients are below 3,329.
    expect(() => write({ x25519, mlKem768: new Uint8Array(1184).fill(0xff) })).toThrow("invalid ML-KEM-768 public key");
    expect(() => write({ x25519, mlKem768: mlKem768.subarray(1) })).toThrow("invalid ML-KEM-768 public key length");
    expect(() => write({ x25519: x25519.subarray(1), mlKem768 })).toThrow("invalid X25519 public key length");
  });

  test("takes a payload that fills the message, and none that is longer", () => {
    const write = (bytes: number) => {
      const initiator = new Initiator({ identity: harness, remoteKey: executor.publicKey, prologue: PROLOGUE });
      return initiator.writeFirst(Buffer.alloc(bytes, "a"));
    };
    const longest = write(65_535 - 3_568);
    expect(longest).toHaveLength(65_535);
    expect(readFirst(longest).payload).toHaveLength(65_535 - 3_568);
    expect(() => write(65_535 - 3_567)).toThrow("handshake payload is too large");
    expect(() => readFirst(new Uint8Array(65_536))).toThrow("handshake message is too large");
    const answer = (bytes: number) => {
      const responder = recorded.responder();
      responder.readFirst(first);
      return responder.writeSecond(new Uint8Array(bytes)).message;
    };
    expect(answer(65_535 - 3_424)).toHaveLength(65_535);
    expect(() => answer(65_535 - 3_423)).toThrow("handshake payload is too large");
  });
});
