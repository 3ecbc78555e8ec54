import { RELAY_LIMITS } from "../limits.ts";
import type { PublicKey } from "../public-key.ts";
import { TAG_BYTES } from "./aes-gcm.ts";
import { ML_KEM_CIPHERTEXT_BYTES, ML_KEM_PUBLIC_BYTES } from "./kem.ts";
import { NoiseError } from "./noise-error.ts";
import { SymmetricState } from "./symmetric-state.ts";
import { X25519_BYTES } from "./x25519.ts";

/** A handshake without its payload: `skem, e, es, s, ss` and `ekem, skem, e, ee, se`, each with the tag of the payload. */
const FIRST_BYTES =
  ML_KEM_CIPHERTEXT_BYTES +
  X25519_BYTES +
  ML_KEM_PUBLIC_BYTES +
  X25519_BYTES +
  TAG_BYTES +
  ML_KEM_PUBLIC_BYTES +
  TAG_BYTES +
  TAG_BYTES;
const SECOND_BYTES =
  ML_KEM_CIPHERTEXT_BYTES + ML_KEM_CIPHERTEXT_BYTES + TAG_BYTES + X25519_BYTES + ML_KEM_PUBLIC_BYTES + TAG_BYTES;

export const MAX_FIRST_PAYLOAD_BYTES = RELAY_LIMITS.maxNoiseMessageBytes - FIRST_BYTES;
export const MAX_SECOND_PAYLOAD_BYTES = RELAY_LIMITS.maxNoiseMessageBytes - SECOND_BYTES;

/** The state that both sides begin with: bound to the place, and to the key of who answers. */
export function startState(prologue: Uint8Array, responderKey: PublicKey): SymmetricState {
  if (responderKey.x25519.length !== X25519_BYTES) throw new NoiseError("invalid X25519 public key length");
  if (responderKey.mlKem768.length !== ML_KEM_PUBLIC_BYTES) {
    throw new NoiseError("invalid ML-KEM-768 public key length");
  }
  const state = new SymmetricState();
  state.mixHash(prologue);
  state.mixHash(responderKey.x25519);
  state.mixHash(responderKey.mlKem768);
  return state;
}

/** Steps that are done once each, in order. One that fails ends the handshake. */
export class Steps {
  readonly #wipe: () => void;
  #done = 0;
  #isOver = false;

  constructor(wipe: () => void) {
    this.#wipe = wipe;
  }

  /** @throws NoiseError it is not the turn of this step. */
  run<T>(index: number, step: () => T): T {
    if (this.#isOver || index !== this.#done) {
      this.end();
      throw new NoiseError("the handshake is not at this step");
    }
    this.#done += 1;
    try {
      return step();
    } catch (error) {
      this.end();
      throw error;
    }
  }

  end(): void {
    this.#isOver = true;
    this.#wipe();
  }
}
