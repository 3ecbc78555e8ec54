/** The certificate of a listener, and whose certificates it asks for. */
export interface TlsServerOptions {
  /** Certificate in PEM, with those of the authorities between it and the root. */
  readonly cert: string | Buffer;
  /** Its private key in PEM, without a passphrase. */
  readonly key: string | Buffer;
  /** Authorities in PEM, one of which must have signed the certificate of a client. Default: clients need none. */
  readonly clientCa?: string | Buffer | undefined;
}
