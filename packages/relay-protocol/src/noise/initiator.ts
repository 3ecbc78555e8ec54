import type { PublicKey } from "../public-key.ts";
import { TAG_BYTES } from "./aes-gcm.ts";
import type { Channel } from "./channel.ts";
import { MAX_FIRST_PAYLOAD_BYTES, Steps, startState } from "./handshake.ts";
import { type Identity, type IdentityKeys, keysOf } from "./identity.ts";
import { type KemKeyPair, ML_KEM_CIPHERTEXT_BYTES, ML_KEM_PUBLIC_BYTES } from "./kem.ts";
import { FRESH, type KeySource } from "./key-source.ts";
import { MessageReader } from "./message-reader.ts";
import { NoiseError } from "./noise-error.ts";
import { channelOf } from "./records.ts";
import type { SymmetricState } from "./symmetric-state.ts";
import { type DhKeyPair, X25519_BYTES } from "./x25519.ts";

export interface InitiatorOptions {
  readonly identity: Identity;
  /** The executor's, as the registry named it: nobody else can answer. */
  readonly remoteKey: PublicKey;
  /** {@link prologueOf} */
  readonly prologue: Uint8Array;
}

/** The harness's side of one handshake: `writeFirst`, then `readSecond`, each once. */
export class Initiator {
  readonly #keys: IdentityKeys;
  readonly #remoteKey: PublicKey;
  readonly #source: KeySource;
  readonly #state: SymmetricState;
  readonly #steps = new Steps(() => this.#forget());
  #ephemeral: { x25519: DhKeyPair; mlKem: KemKeyPair } | undefined;

  /** @param source - For vectors. */
  constructor({ identity, remoteKey, prologue }: InitiatorOptions, source: KeySource = FRESH) {
    this.#keys = keysOf(identity);
    this.#remoteKey = remoteKey;
    this.#source = source;
    this.#state = startState(prologue, remoteKey);
  }

  /**
   * @param payload - Who may read it is proved, who sent it is too; but it can be recorded and sent once more.
   * @throws NoiseError the key is none, or the payload is too long.
   */
  writeFirst(payload: Uint8Array): Uint8Array<ArrayBuffer> {
    return this.#steps.run(0, () => {
      if (payload.length > MAX_FIRST_PAYLOAD_BYTES) throw new NoiseError("handshake payload is too large");
      const state = this.#state;
      const toStatic = this.#source.encapsulate(this.#remoteKey.mlKem768);
      const skem = state.encryptAndHash(toStatic.ciphertext);
      state.mixKeyAndHash(toStatic.sharedSecret);
      const x25519 = this.#source.x25519();
      const mlKem = this.#source.mlKem();
      this.#ephemeral = { x25519, mlKem };
      state.mixHash(x25519.publicKey);
      state.mixHash(mlKem.publicKey);
      state.mixKey(x25519.agree(this.#remoteKey.x25519));
      const s = [
        state.encryptAndHash(this.#keys.x25519.publicKey),
        state.encryptAndHash(this.#keys.mlKem.publicKey),
      ] as const;
      state.mixKey(this.#keys.x25519.agree(this.#remoteKey.x25519));
      return Buffer.concat([skem, x25519.publicKey, mlKem.publicKey, ...s, state.encryptAndHash(payload)]);
    });
  }

  /** @throws NoiseError not the answer of the executor to this very message. */
  readSecond(message: Uint8Array): { payload: Uint8Array; channel: Channel } {
    return this.#steps.run(1, () => {
      const state = this.#state;
      const ephemeral = this.#ephemeral;
      if (ephemeral === undefined) throw new NoiseError("the handshake is not at this step");
      const reader = new MessageReader(message);
      const ekem = reader.take(ML_KEM_CIPHERTEXT_BYTES);
      state.mixHash(ekem);
      state.mixKey(ephemeral.mlKem.decapsulate(ekem));
      const skem = state.decryptAndHash(reader.take(ML_KEM_CIPHERTEXT_BYTES + TAG_BYTES));
      state.mixKeyAndHash(this.#keys.mlKem.decapsulate(skem));
      const remoteX25519 = reader.take(X25519_BYTES);
      state.mixHash(remoteX25519);
      // Its ephemeral key of ML-KEM is sent and hashed, and never used.
      state.mixHash(reader.take(ML_KEM_PUBLIC_BYTES));
      state.mixKey(ephemeral.x25519.agree(remoteX25519));
      state.mixKey(this.#keys.x25519.agree(remoteX25519));
      const payload = state.decryptAndHash(reader.rest());
      const [sealing, opening] = state.split();
      this.#steps.end();
      return { payload, channel: channelOf({ sealing, opening }) };
    });
  }

  /** Give the handshake up. */
  wipe(): void {
    this.#steps.end();
  }

  #forget(): void {
    this.#state.wipe();
    this.#ephemeral?.mlKem.wipe();
    this.#ephemeral = undefined;
  }
}
