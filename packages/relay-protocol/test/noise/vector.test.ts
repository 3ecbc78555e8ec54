import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { Identity } from "../../src/noise/identity.ts";
import { Initiator } from "../../src/noise/initiator.ts";
import type { KeySource } from "../../src/noise/key-source.ts";
import { encapsulateWith, mlKemFrom } from "../../src/noise/ml-kem-noble.ts";
import { prologueOf } from "../../src/noise/prologue.ts";
import { Responder } from "../../src/noise/responder.ts";
import { x25519From } from "../../src/noise/x25519.ts";

const filled = (bytes: number, value: number) => new Uint8Array(bytes).fill(value);
const identityOf = (x25519: number, mlKem: number) =>
  new Identity({ x25519: x25519From(filled(32, x25519)), mlKem: mlKemFrom(filled(64, mlKem)) });

function sourceOf(x25519: number, mlKem: number, encapsulations: number[]): KeySource {
  return {
    x25519: () => x25519From(filled(32, x25519)),
    mlKem: () => mlKemFrom(filled(64, mlKem)),
    encapsulate: (publicKey) => encapsulateWith(publicKey, filled(32, encapsulations.shift() ?? 0)),
  };
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

describe("a handshake with given keys", () => {
  const prologue = prologueOf({ environmentId: "env-1", registrationId: "reg-1", streamId: "stream-1" });
  const harness = identityOf(1, 2);
  const executor = identityOf(3, 4);

  test("has the bytes that handshakes with real releases had", () => {
    expect(prologue).toHaveLength(82);
    expect(hex(executor.publicKey.x25519)).toBe("5dfedd3b6bd47f6fa28ee15d969d5bb0ea53774d488bdaf9df1c6e0124b3ef22");
    expect(sha256(executor.publicKey.mlKem768)).toBe(
      "1bb4f444343d1ca7ccb629670dd2c37e2040fdc6723d2d0f674936b047262d9c",
    );
    const initiator = new Initiator(
      { identity: harness, remoteKey: executor.publicKey, prologue },
      sourceOf(5, 6, [9]),
    );
    const responder = new Responder({ identity: executor, prologue }, sourceOf(7, 8, [10, 11]));
    const first = initiator.writeFirst(Buffer.from("auth"));
    expect(first).toHaveLength(3572);
    expect(sha256(first)).toBe("a0edf022ebd806c5515b821a98c2293553d310ad84f92c0cbe2f2efe57a7ffe3");
    const knock = responder.readFirst(first);
    expect(Buffer.from(knock.payload).toString()).toBe("auth");
    expect(knock.remoteKey.x25519).toEqual(Buffer.from(harness.publicKey.x25519));
    expect(knock.remoteKey.mlKem768).toEqual(Buffer.from(harness.publicKey.mlKem768));
    const second = responder.writeSecond();
    expect(second.message).toHaveLength(3424);
    expect(sha256(second.message)).toBe("c787903d07071c4ff91ad655dd4517d189af9357e960f621f481f75f47d55a9e");
    const { payload, channel } = initiator.readSecond(second.message);
    expect(payload).toHaveLength(0);
    const hello = Buffer.from("hello");
    const records = [channel.sealer.seal(hello), channel.sealer.seal(hello)] as const;
    expect(records.map(hex)).toEqual([
      "f66728c894a484059e3f0fa537e6a83d4a33631205",
      "fb5b29bc2513d41b931780d60367f1ccc6baf50d16",
    ]);
    expect(second.channel.opener.open(records[0])).toEqual(hello);
    expect(second.channel.opener.open(records[1])).toEqual(hello);
    expect(channel.opener.open(second.channel.sealer.seal(hello))).toEqual(hello);
  });
});
