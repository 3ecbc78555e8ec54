import type { PublicKey } from "../public-key.ts";
import type { KemKeyPair } from "./kem.ts";
import { FRESH } from "./key-source.ts";
import { NoiseError } from "./noise-error.ts";
import type { DhKeyPair } from "./x25519.ts";

/** Private halves of an identity. */
export interface IdentityKeys {
  readonly x25519: DhKeyPair;
  readonly mlKem: KemKeyPair;
}

/** Of this package only: handshakes use it, nobody else gets at the private halves. */
export let keysOf: (identity: Identity) => IdentityKeys;

/** Who an executor or a client is, for as long as its process lives. The private halves can't be read, printed or copied. */
export class Identity {
  static {
    keysOf = (identity) => {
      if (identity.#keys === undefined) throw new NoiseError("the identity has been wiped");
      return identity.#keys;
    };
  }

  readonly publicKey: PublicKey;
  #keys: IdentityKeys | undefined;

  constructor(keys: IdentityKeys) {
    this.#keys = keys;
    this.publicKey = { x25519: keys.x25519.publicKey, mlKem768: keys.mlKem.publicKey };
  }

  /** No handshake can be made with it from now on. Channels that are open stay so. */
  wipe(): void {
    this.#keys?.mlKem.wipe();
    this.#keys = undefined;
  }
}

export function generateIdentity(): Identity {
  return new Identity({ x25519: FRESH.x25519(), mlKem: FRESH.mlKem() });
}
