import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { generateIdentity, Identity } from "../../src/noise/identity.ts";
import { Initiator } from "../../src/noise/initiator.ts";
import { FRESH } from "../../src/noise/key-source.ts";
import { mlKemFrom, nobleMlKem } from "../../src/noise/ml-kem-noble.ts";
import { nodeMlKem } from "../../src/noise/ml-kem-node.ts";
import { NoiseError } from "../../src/noise/noise-error.ts";
import { Responder } from "../../src/noise/responder.ts";
import { x25519From } from "../../src/noise/x25519.ts";
import { AUTHORIZATION, PROLOGUE, recordHandshake } from "../handshake.ts";

const NOT_NOW = "the handshake is not at this step";

describe("a handshake", () => {
  const { first, second, initiator, responder, harness, executor } = recordHandshake();
  const fresh = () => new Initiator({ identity: harness, remoteKey: executor.publicKey, prologue: PROLOGUE });

  test("has each step once and in order", () => {
    expect(() => fresh().readSecond(second)).toThrow(NOT_NOW);
    expect(() => responder().writeSecond()).toThrow(NOT_NOW);
    const written = fresh();
    written.writeFirst(AUTHORIZATION);
    expect(() => written.writeFirst(AUTHORIZATION)).toThrow(NOT_NOW);
    const read = responder();
    read.readFirst(first);
    expect(() => read.readFirst(first)).toThrow(NOT_NOW);
    const answered = responder();
    answered.readFirst(first);
    answered.writeSecond();
    expect(() => answered.writeSecond()).toThrow(NOT_NOW);
    const done = initiator();
    done.readSecond(second);
    expect(() => done.readSecond(second)).toThrow(NOT_NOW);
  });

  test("is over after a step that failed, was out of order, or was given up", () => {
    const failed = initiator();
    expect(() => failed.readSecond(Uint8Array.from(second).fill(0, 100, 101))).toThrow(NoiseError);
    expect(() => failed.readSecond(second)).toThrow(NOT_NOW);
    const refused = responder();
    expect(() => refused.readFirst(Uint8Array.from(first).fill(0, 1))).toThrow(NoiseError);
    expect(() => refused.readFirst(first)).toThrow(NOT_NOW);
    const early = responder();
    expect(() => early.writeSecond()).toThrow(NOT_NOW);
    expect(() => early.readFirst(first)).toThrow(NOT_NOW);
    const givenUp = responder();
    givenUp.readFirst(first);
    givenUp.wipe();
    expect(() => givenUp.writeSecond()).toThrow(NOT_NOW);
  });

  test("can't be made with an identity that was wiped", () => {
    const gone = generateIdentity();
    gone.wipe();
    expect(() => new Responder({ identity: gone, prologue: PROLOGUE })).toThrow("the identity has been wiped");
    expect(() => new Initiator({ identity: gone, remoteKey: executor.publicKey, prologue: PROLOGUE })).toThrow(
      "the identity has been wiped",
    );
  });
});

describe("secrets", () => {
  const x25519 = Buffer.alloc(32, 0xa7);
  const seed = Buffer.alloc(64, 0xb9);

  test("of an identity are in nothing that prints it", () => {
    const identity = new Identity({ x25519: x25519From(x25519), mlKem: mlKemFrom(seed) });
    expect(Object.keys(identity)).toEqual(["publicKey"]);
    expect(Object.getOwnPropertySymbols(identity)).toEqual([]);
    const printed = inspect(identity, { depth: 9, showHidden: true, maxArrayLength: 4_000 });
    expect(printed).not.toMatch(/167,\s+167/);
    expect(printed).not.toMatch(/a7 a7|b9 b9/);
    expect(JSON.stringify(identity)).not.toMatch(/167,167|185,185/);
  });

  test("are copied by no structured clone", () => {
    const copy = structuredClone(generateIdentity()) as object;
    expect(Object.keys(copy)).toEqual(["publicKey"]);
    expect(() => new Responder({ identity: copy as Identity, prologue: PROLOGUE })).toThrow(TypeError);
  });

  test("of a key pair of noble are cleared", () => {
    const pair = mlKemFrom(seed);
    const { ciphertext, sharedSecret } = nobleMlKem.encapsulate(pair.publicKey);
    expect(Buffer.from(pair.decapsulate(ciphertext))).toEqual(Buffer.from(sharedSecret));
    pair.wipe();
    expect(() => Buffer.from(pair.decapsulate(ciphertext)).equals(sharedSecret)).toThrow();
  });

  test("are in no text of an error", () => {
    const { first, second, initiator, responder } = recordHandshake();
    const texts: string[] = [];
    for (const step of [
      () => responder().readFirst(Uint8Array.from(first).fill(1, 1100, 1101)),
      () => initiator().readSecond(second.subarray(1)),
      () => responder().readFirst(first.subarray(0, 9)),
    ]) {
      try {
        step();
      } catch (error) {
        texts.push(inspect(error).split("\n", 1)[0] ?? "");
      }
    }
    expect(texts).toEqual([
      "NoiseError: Decrypt error",
      "NoiseError: Decrypt error",
      "NoiseError: handshake message is too short",
    ]);
  });
});

describe("ML-KEM-768", () => {
  test("is the same of Node and of noble, both ways", () => {
    if (nodeMlKem === undefined) throw new Error("the pinned Node has it");
    for (const [mine, its] of [
      [nodeMlKem, nobleMlKem],
      [nobleMlKem, nodeMlKem],
    ] as const) {
      const pair = mine.generate();
      const { ciphertext, sharedSecret } = its.encapsulate(pair.publicKey);
      expect(ciphertext).toHaveLength(1088);
      expect(Buffer.from(pair.decapsulate(ciphertext))).toEqual(Buffer.from(sharedSecret));
      expect(() => mine.encapsulate(pair.publicKey.subarray(1))).toThrow("invalid ML-KEM-768 public key");
      expect(() => mine.encapsulate(new Uint8Array(1184).fill(0xff))).toThrow("invalid ML-KEM-768 public key");
    }
  });

  test("of noble makes the same handshakes, as on a Node without", () => {
    const { here, there } = recordHandshake({
      ...FRESH,
      mlKem: nobleMlKem.generate,
      encapsulate: nobleMlKem.encapsulate,
    });
    expect(there.opener.open(here.sealer.seal(Buffer.from("hello")))).toEqual(Buffer.from("hello"));
  });
});
