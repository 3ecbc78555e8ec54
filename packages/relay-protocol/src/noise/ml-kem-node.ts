import * as crypto from "node:crypto";
import type { KemKeyPair, MlKem } from "./kem.ts";
import { NoiseError } from "./noise-error.ts";

/** SubjectPublicKeyInfo up to the key. */
const SPKI_HEAD = Buffer.from("308204b2300b0609608648016503040402038204a100", "hex");

/** ML-KEM of Node; undefined where this one has none. */
export const nodeMlKem: MlKem | undefined =
  typeof crypto.encapsulate === "function" ? { generate, encapsulate } : undefined;

function generate(): KemKeyPair {
  const { publicKey, privateKey } = crypto.generateKeyPairSync("ml-kem-768");
  return {
    publicKey: Uint8Array.from(publicKey.export({ format: "der", type: "spki" }).subarray(SPKI_HEAD.length)),
    decapsulate: (ciphertext) => crypto.decapsulate(privateKey, ciphertext),
    // Node has the key, and clears its memory when nobody refers to it any more.
    wipe: () => {},
  };
}

function encapsulate(publicKey: Uint8Array) {
  const key = Buffer.concat([SPKI_HEAD, publicKey]);
  try {
    const { ciphertext, sharedKey } = crypto.encapsulate({ key, format: "der", type: "spki" });
    return { ciphertext, sharedSecret: sharedKey };
  } catch {
    throw new NoiseError("invalid ML-KEM-768 public key");
  }
}
