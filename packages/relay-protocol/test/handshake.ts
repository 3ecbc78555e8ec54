import type { PublicKey } from "@holdfast/relay-protocol";
import type { Channel } from "../src/noise/channel.ts";
import { generateIdentity, type Identity } from "../src/noise/identity.ts";
import { Initiator } from "../src/noise/initiator.ts";
import { FRESH, type KeySource } from "../src/noise/key-source.ts";
import { prologueOf } from "../src/noise/prologue.ts";
import { Responder } from "../src/noise/responder.ts";

export const PLACE = { environmentId: "env-1", registrationId: "reg-1", streamId: "stream-1" };
export const PROLOGUE = prologueOf(PLACE);
export const AUTHORIZATION = Buffer.from("authorization");

/** Gives what it gave before, each time from the first again: with it a handshake is repeated byte for byte. */
export function repeatable(source: KeySource = FRESH): { again(): KeySource } {
  const dh: ReturnType<KeySource["x25519"]>[] = [];
  const kem: ReturnType<KeySource["mlKem"]>[] = [];
  const encapsulated: ReturnType<KeySource["encapsulate"]>[] = [];
  return {
    again() {
      let [x, k, e] = [0, 0, 0];
      return {
        x25519: () => (dh[x++] ??= source.x25519()),
        // A handshake that ends wipes its key; this one is needed again.
        mlKem: () => (kem[k++] ??= { ...source.mlKem(), wipe: () => {} }),
        encapsulate: (publicKey) => {
          const { ciphertext, sharedSecret } = encapsulated[e] ?? source.encapsulate(publicKey);
          encapsulated[e++] ??= { ciphertext, sharedSecret: Uint8Array.from(sharedSecret) };
          return { ciphertext: Uint8Array.from(ciphertext), sharedSecret: Uint8Array.from(sharedSecret) };
        },
      };
    },
  };
}

export interface Recorded {
  readonly harness: Identity;
  readonly executor: Identity;
  readonly first: Uint8Array;
  readonly second: Uint8Array;
  readonly initiator: () => Initiator;
  readonly responder: (options?: { prologue?: Uint8Array; identity?: Identity }) => Responder;
}

/** A handshake that succeeded, and both sides of it as they were before each message. */
export function recordHandshake(source: KeySource = FRESH): Recorded & { here: Channel; there: Channel } {
  const harness = generateIdentity();
  const executor = generateIdentity();
  const [mine, its] = [repeatable(source), repeatable(source)];
  const options = { identity: harness, remoteKey: executor.publicKey, prologue: PROLOGUE };
  const responder: Recorded["responder"] = ({ prologue = PROLOGUE, identity = executor } = {}) =>
    new Responder({ identity, prologue }, its.again());
  const initiator = new Initiator(options, mine.again());
  const answering = responder();
  const first = initiator.writeFirst(AUTHORIZATION);
  answering.readFirst(first);
  const { message: second, channel: there } = answering.writeSecond();
  const { channel: here } = initiator.readSecond(second);
  return {
    harness,
    executor,
    first,
    second,
    here,
    there,
    responder,
    initiator: () => {
      const again = new Initiator(options, mine.again());
      again.writeFirst(AUTHORIZATION);
      return again;
    },
  };
}

export function channels(): { here: Channel; there: Channel } {
  const { here, there } = recordHandshake();
  return { here, there };
}

export function keyBytes(key: PublicKey): Buffer {
  return Buffer.concat([key.x25519, key.mlKem768]);
}
