/** A certificate, with those up to its authority, and its private key without a passphrase, in PEM. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
}
