import type { TlsServerOptions } from "@holdfast/rpc/websocket";
import type { AccessSettings } from "./access-settings.ts";
import { type CredentialCheck, credentialCheck } from "./credential-check.ts";
import { readTls } from "./tls-settings.ts";

/** What was read of the files that the access to an executor depends on, and can be read anew while it serves. */
export class Secrets {
  #check: CredentialCheck | undefined;
  #tls: TlsServerOptions | undefined;

  private constructor(check: CredentialCheck | undefined, tls: TlsServerOptions | undefined) {
    this.#check = check;
    this.#tls = tls;
  }

  /** @throws CommandFailure for a file that can't be read, is not kept from others or holds no secret. */
  static async read({ auth, tls }: Pick<AccessSettings, "auth" | "tls">): Promise<Secrets> {
    return new Secrets(await credentialCheck(auth), tls === undefined ? undefined : await readTls(tls));
  }

  /** Asks for what was read last; `undefined` where clients need no credentials. */
  get checkCredentials(): CredentialCheck | undefined {
    if (this.#check === undefined) return undefined;
    return async (request) => (this.#check === undefined ? { subject: undefined } : this.#check(request));
  }

  get tls(): TlsServerOptions | undefined {
    return this.#tls;
  }

  /**
   * Read the files anew. Whether credentials are asked for, whether TLS is spoken, and whether clients need a certificate, does not change.
   *
   * @param useTls - Takes the certificate into use.
   * @throws CommandFailure or what `useTls` threw: everything stays as it is then.
   */
  async reload(access: Pick<AccessSettings, "auth" | "tls">, useTls?: (tls: TlsServerOptions) => void): Promise<void> {
    const next = await Secrets.read(access);
    if (this.#tls !== undefined && next.#tls !== undefined) {
      const tls = { ...next.#tls, clientCa: clientCaAfter(this.#tls, next.#tls) };
      useTls?.(tls);
      this.#tls = tls;
    }
    if (this.#check !== undefined) this.#check = next.#check ?? this.#check;
  }
}

/** Without one of them, a client would need a certificate of any authority that this machine trusts. */
function clientCaAfter(now: TlsServerOptions, next: TlsServerOptions): TlsServerOptions["clientCa"] {
  return now.clientCa === undefined ? undefined : (next.clientCa ?? now.clientCa);
}
