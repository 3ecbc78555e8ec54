import { decodeBase64, isObject } from "@holdfast/protocol-kit";
import { NOISE_SUITE } from "./limits.ts";
import type { PublicKeyJson } from "./registry.ts";

/** Public half of an identity. */
export interface PublicKey {
  /** 32 bytes. */
  readonly x25519: Uint8Array;
  /** 1,184 bytes. */
  readonly mlKem768: Uint8Array;
}

/** What is no public key, in the words of the peers. */
export class PublicKeyError extends Error {
  override readonly name = "PublicKeyError";
}

const X25519_BYTES = 32;
const ML_KEM_BYTES = 1184;
const MEMBERS: readonly string[] = [
  "suite",
  "x25519_public_key",
  "mlkem768_public_key",
] satisfies (keyof PublicKeyJson)[];

export function publicKeyToJson(key: PublicKey): PublicKeyJson {
  return {
    suite: NOISE_SUITE,
    x25519_public_key: base64(key.x25519),
    mlkem768_public_key: base64(key.mlKem768),
  };
}

/** @throws PublicKeyError another suite, a key of another length, a member that is missing or unknown. */
export function publicKeyFromJson(value: unknown): PublicKey {
  if (!isObject(value)) throw new PublicKeyError("public key is not an object");
  if (Object.keys(value).some((member) => !MEMBERS.includes(member))) {
    throw new PublicKeyError("public key has an unknown member");
  }
  for (const member of MEMBERS) {
    if (typeof value[member] !== "string") throw new PublicKeyError(`public key: \`${member}\` is not a string`);
  }
  const { suite, x25519_public_key, mlkem768_public_key } = value as unknown as PublicKeyJson;
  if (suite !== NOISE_SUITE) throw new PublicKeyError("unsupported Noise channel suite");
  return {
    x25519: bytesOf(x25519_public_key, X25519_BYTES, "X25519"),
    mlKem768: bytesOf(mlkem768_public_key, ML_KEM_BYTES, "ML-KEM-768"),
  };
}

/** The same key? Public, so that the time may tell. */
export function publicKeysEqual(a: PublicKey, b: PublicKey): boolean {
  return bytesEqual(a.x25519, b.x25519) && bytesEqual(a.mlKem768, b.mlKem768);
}

function bytesOf(text: string, length: number, name: string): Uint8Array {
  const bytes = decodeBase64(text);
  if (bytes === undefined) throw new PublicKeyError(`invalid ${name} public key`);
  if (bytes.length !== length) throw new PublicKeyError(`invalid ${name} public key length`);
  return bytes;
}

function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
