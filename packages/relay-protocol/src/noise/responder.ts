import type { PublicKey } from "../public-key.ts";
import { TAG_BYTES } from "./aes-gcm.ts";
import type { Channel } from "./channel.ts";
import { MAX_SECOND_PAYLOAD_BYTES, Steps, startState } from "./handshake.ts";
import { type Identity, type IdentityKeys, keysOf } from "./identity.ts";
import { ML_KEM_CIPHERTEXT_BYTES, ML_KEM_PUBLIC_BYTES } from "./kem.ts";
import { FRESH, type KeySource } from "./key-source.ts";
import { MessageReader } from "./message-reader.ts";
import { NoiseError } from "./noise-error.ts";
import { channelOf } from "./records.ts";
import type { SymmetricState } from "./symmetric-state.ts";
import { X25519_BYTES } from "./x25519.ts";

export interface ResponderOptions {
  readonly identity: Identity;
  /** {@link prologueOf} */
  readonly prologue: Uint8Array;
}

const NO_PAYLOAD = new Uint8Array(0);

/**
 * The executor's side of one handshake: `readFirst`, then `writeSecond`, each once. Between the two is who knocks known, though a recording of
 * an earlier knock looks the same; only the first record behind the answer shows that it is there now.
 */
export class Responder {
  readonly #keys: IdentityKeys;
  readonly #source: KeySource;
  readonly #state: SymmetricState;
  readonly #steps = new Steps(() => this.#state.wipe());
  #remote: { ephemeral: PublicKey; fixed: PublicKey } | undefined;

  /** @param source - For vectors. */
  constructor({ identity, prologue }: ResponderOptions, source: KeySource = FRESH) {
    this.#keys = keysOf(identity);
    this.#source = source;
    this.#state = startState(prologue, identity.publicKey);
  }

  /** @throws NoiseError made for another executor, environment, registration or stream, or by nobody who knows how. */
  readFirst(message: Uint8Array): { payload: Uint8Array; remoteKey: PublicKey } {
    return this.#steps.run(0, () => {
      const state = this.#state;
      const reader = new MessageReader(message);
      const skem = state.decryptAndHash(reader.take(ML_KEM_CIPHERTEXT_BYTES));
      state.mixKeyAndHash(this.#keys.mlKem.decapsulate(skem));
      const ephemeral = {
        x25519: Uint8Array.from(reader.take(X25519_BYTES)),
        mlKem768: Uint8Array.from(reader.take(ML_KEM_PUBLIC_BYTES)),
      };
      state.mixHash(ephemeral.x25519);
      state.mixHash(ephemeral.mlKem768);
      state.mixKey(this.#keys.x25519.agree(ephemeral.x25519));
      const fixed = {
        x25519: state.decryptAndHash(reader.take(X25519_BYTES + TAG_BYTES)),
        mlKem768: state.decryptAndHash(reader.take(ML_KEM_PUBLIC_BYTES + TAG_BYTES)),
      };
      state.mixKey(this.#keys.x25519.agree(fixed.x25519));
      this.#remote = { ephemeral, fixed };
      return { payload: state.decryptAndHash(reader.rest()), remoteKey: fixed };
    });
  }

  /**
   * @param payload - Empty, or the one text of a refusal.
   * @throws NoiseError a key of the harness is none, or the payload is too long.
   */
  writeSecond(payload: Uint8Array = NO_PAYLOAD): { message: Uint8Array<ArrayBuffer>; channel: Channel } {
    return this.#steps.run(1, () => {
      const remote = this.#remote;
      if (remote === undefined) throw new NoiseError("the handshake is not at this step");
      if (payload.length > MAX_SECOND_PAYLOAD_BYTES) throw new NoiseError("handshake payload is too large");
      const state = this.#state;
      const toEphemeral = this.#source.encapsulate(remote.ephemeral.mlKem768);
      state.mixHash(toEphemeral.ciphertext);
      state.mixKey(toEphemeral.sharedSecret);
      const toStatic = this.#source.encapsulate(remote.fixed.mlKem768);
      const skem = state.encryptAndHash(toStatic.ciphertext);
      state.mixKeyAndHash(toStatic.sharedSecret);
      const x25519 = this.#source.x25519();
      const mlKem = this.#source.mlKem();
      mlKem.wipe();
      state.mixHash(x25519.publicKey);
      state.mixHash(mlKem.publicKey);
      state.mixKey(x25519.agree(remote.ephemeral.x25519));
      state.mixKey(x25519.agree(remote.fixed.x25519));
      const last = state.encryptAndHash(payload);
      const message = Buffer.concat([toEphemeral.ciphertext, skem, x25519.publicKey, mlKem.publicKey, last]);
      const [opening, sealing] = state.split();
      this.#steps.end();
      return { message, channel: channelOf({ sealing, opening }) };
    });
  }

  /** Give the handshake up. */
  wipe(): void {
    this.#steps.end();
  }
}
