import type { AccessSettings } from "./access-settings.ts";
import type { ServeSettings } from "./settings.ts";

/** What no confined command may see: through the socket it would get out, and with a secret it is anybody. */
export class SecretPlaces {
  readonly #paths = new Set<string>();

  constructor({ address, access }: Pick<ServeSettings, "address" | "access">) {
    if (address.kind === "unix") this.#paths.add(address.path);
    this.add(access);
  }

  /** Absolute paths. */
  get paths(): readonly string[] {
    return [...this.#paths];
  }

  /** Those of other settings come on top: what was a secret may be one again. */
  add({ auth, tls }: Pick<AccessSettings, "auth" | "tls">): void {
    const secret =
      auth?.kind === "signed-bearer-token" ? auth.secretFile : auth && "tokenFile" in auth && auth.tokenFile;
    for (const path of [secret, tls?.keyFile]) {
      if (typeof path === "string") this.#paths.add(path);
    }
  }
}
