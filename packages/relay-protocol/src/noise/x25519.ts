import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from "node:crypto";
import { NoiseError } from "./noise-error.ts";

export const X25519_BYTES = 32;

/** SubjectPublicKeyInfo, and PKCS 8, up to the key: Node takes both, in every release that we run on. */
const SPKI_HEAD = Buffer.from("302a300506032b656e032100", "hex");
const PKCS8_HEAD = Buffer.from("302e020100300506032b656e04220420", "hex");

/** Half of an agreement. The private key stays with Node. */
export interface DhKeyPair {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** @throws NoiseError a key that agrees on the same secret with everybody. */
  agree(remoteKey: Uint8Array): Uint8Array<ArrayBuffer>;
}

export function generateX25519(): DhKeyPair {
  const { privateKey, publicKey } = generateKeyPairSync("x25519");
  return pairOf(privateKey, publicKey);
}

/** @param privateKey - 32 bytes, for vectors. */
export function x25519From(privateKey: Uint8Array): DhKeyPair {
  const der = Buffer.concat([PKCS8_HEAD, privateKey]);
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  return pairOf(key, createPublicKey(key));
}

function pairOf(privateKey: KeyObject, publicKey: KeyObject): DhKeyPair {
  const bytes = publicKey.export({ format: "der", type: "spki" }).subarray(SPKI_HEAD.length);
  return {
    publicKey: Uint8Array.from(bytes),
    agree: (remoteKey) => {
      if (remoteKey.length !== X25519_BYTES) throw new NoiseError("invalid X25519 public key length");
      const key = Buffer.concat([SPKI_HEAD, remoteKey]);
      try {
        return diffieHellman({ privateKey, publicKey: createPublicKey({ key, format: "der", type: "spki" }) });
      } catch {
        throw new NoiseError("invalid X25519 public key");
      }
    },
  };
}
