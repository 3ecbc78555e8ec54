export const ML_KEM_PUBLIC_BYTES = 1184;
export const ML_KEM_CIPHERTEXT_BYTES = 1088;

/** A key pair of ML-KEM-768. */
export interface KemKeyPair {
  /** 1,184 bytes. */
  readonly publicKey: Uint8Array;
  /** A ciphertext that was made for another key gives a secret that nobody has, and no error. */
  decapsulate(ciphertext: Uint8Array): Uint8Array;
  wipe(): void;
}

export interface Encapsulated {
  /** 1,088 bytes. */
  readonly ciphertext: Uint8Array;
  /** 32 bytes. */
  readonly sharedSecret: Uint8Array;
}

export interface MlKem {
  generate(): KemKeyPair;
  /** @throws NoiseError it is no key of ML-KEM-768. */
  encapsulate(publicKey: Uint8Array): Encapsulated;
}
