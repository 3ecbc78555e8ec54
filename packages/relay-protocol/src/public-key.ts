/** Public half of an identity. */
export interface PublicKey {
  /** 32 bytes. */
  readonly x25519: Uint8Array;
  /** 1,184 bytes. */
  readonly mlKem768: Uint8Array;
}
