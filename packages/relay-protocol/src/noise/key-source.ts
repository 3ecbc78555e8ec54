import type { Encapsulated, KemKeyPair } from "./kem.ts";
import { mlKem } from "./ml-kem.ts";
import { type DhKeyPair, generateX25519 } from "./x25519.ts";

/** Where a handshake has its fresh keys from. Only vectors have another one than {@link FRESH}. */
export interface KeySource {
  x25519(): DhKeyPair;
  mlKem(): KemKeyPair;
  encapsulate(publicKey: Uint8Array): Encapsulated;
}

export const FRESH: KeySource = {
  x25519: generateX25519,
  mlKem: mlKem.generate,
  encapsulate: mlKem.encapsulate,
};
