import { generateIdentity, Initiator } from "@holdfast/relay-protocol/noise";
import { expect, test } from "vitest";
import { RelayIdentity } from "../../src/relay/relay-line.ts";

test("an identity is made once, and is of no use when it is forgotten", () => {
  const identity = new RelayIdentity();
  const first = identity.once(generateIdentity);
  expect(identity.once(generateIdentity)).toBe(first);
  identity.forget();
  const remoteKey = generateIdentity().publicKey;
  const begin = () => new Initiator({ identity: first, remoteKey, prologue: new Uint8Array(1) });
  expect(begin).toThrow("wiped");
  expect(identity.once(generateIdentity)).not.toBe(first);
});
