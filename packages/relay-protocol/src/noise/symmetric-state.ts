import { createHash, createHmac, createSecretKey, type KeyObject } from "node:crypto";
import { open, sealInto, TAG_BYTES, takeKey } from "./aes-gcm.ts";

/** What is hashed in. The suite that the registry's JSON names is another text. */
const PROTOCOL_NAME = "Noise_hybridIK_25519+MLKEM768_AESGCM_SHA256";

/** Noise's SymmetricState, revision 34, with SHA-256 and AES-256-GCM. */
export class SymmetricState {
  #chainingKey = sha256(Buffer.from(PROTOCOL_NAME, "latin1"));
  #hash = this.#chainingKey;
  #key: KeyObject | undefined;
  #nonce = 0;

  /** For vectors. */
  get hash(): Uint8Array {
    return this.#hash;
  }

  mixHash(bytes: Uint8Array): void {
    this.#hash = sha256(this.#hash, bytes);
  }

  /** @param secret - Is cleared. */
  mixKey(secret: Uint8Array): void {
    const [chainingKey, key] = hkdf(this.#chainingKey, secret, 2) as [Buffer, Buffer];
    this.#next(chainingKey, key, secret);
  }

  /** @param secret - Is cleared. */
  mixKeyAndHash(secret: Uint8Array): void {
    const [chainingKey, hashed, key] = hkdf(this.#chainingKey, secret, 3) as [Buffer, Buffer, Buffer];
    this.mixHash(hashed);
    this.#next(chainingKey, key, secret);
  }

  #next(chainingKey: Buffer, key: Buffer, secret: Uint8Array): void {
    this.#chainingKey.fill(0);
    secret.fill(0);
    this.#chainingKey = chainingKey;
    this.#key = takeKey(key);
    this.#nonce = 0;
  }

  /** Without a key, before the first secret, the bytes stay clear. */
  encryptAndHash(plaintext: Uint8Array): Uint8Array {
    let sent = plaintext;
    if (this.#key !== undefined) {
      sent = Buffer.allocUnsafe(plaintext.length + TAG_BYTES);
      sealInto(sent, 0, this.#key, this.#nonce, [plaintext], this.#hash);
      this.#nonce += 1;
    }
    this.mixHash(sent);
    return sent;
  }

  /** @throws NoiseError another key, or another past of the handshake. */
  decryptAndHash(received: Uint8Array): Uint8Array {
    let plaintext = received;
    if (this.#key !== undefined) {
      plaintext = open(received, this.#key, this.#nonce, this.#hash);
      this.#nonce += 1;
    }
    this.mixHash(received);
    return plaintext;
  }

  /** The keys of both directions, the initiator's first. The state is of no more use. */
  split(): [initiator: Buffer, responder: Buffer] {
    const keys = hkdf(this.#chainingKey, Buffer.alloc(0), 2) as [Buffer, Buffer];
    this.wipe();
    return keys;
  }

  wipe(): void {
    this.#chainingKey.fill(0);
    this.#key = undefined;
  }
}

function sha256(...parts: Uint8Array[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function hkdf(chainingKey: Uint8Array, secret: Uint8Array, count: 2 | 3): Buffer[] {
  const bytes = createHmac("sha256", createSecretKey(chainingKey)).update(secret).digest();
  const key = takeKey(bytes);
  const outputs: Buffer[] = [];
  let last: Uint8Array = Buffer.alloc(0);
  for (let index = 1; index <= count; index += 1) {
    const output = createHmac("sha256", key).update(last).update(Uint8Array.of(index)).digest();
    outputs.push(output);
    last = output;
  }
  return outputs;
}
