import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import type { KemKeyPair, MlKem } from "./kem.ts";
import { NoiseError } from "./noise-error.ts";

export const nobleMlKem: MlKem = {
  generate: () => mlKemFrom(),
  encapsulate: (publicKey) => encapsulateWith(publicKey),
};

/** @param seed - 64 bytes (d, z), for vectors; random without it. */
export function mlKemFrom(seed?: Uint8Array): KemKeyPair {
  const { publicKey, secretKey } = ml_kem768.keygen(seed);
  return {
    publicKey,
    decapsulate: (ciphertext) => ml_kem768.decapsulate(ciphertext, secretKey),
    wipe: () => secretKey.fill(0),
  };
}

/** @param randomness - 32 bytes, for vectors; random without it. */
export function encapsulateWith(publicKey: Uint8Array, randomness?: Uint8Array) {
  try {
    const { cipherText, sharedSecret } = ml_kem768.encapsulate(publicKey, randomness);
    return { ciphertext: cipherText, sharedSecret };
  } catch {
    throw new NoiseError("invalid ML-KEM-768 public key");
  }
}
