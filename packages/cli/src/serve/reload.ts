import { isDeepStrictEqual } from "node:util";
import { reasonOf } from "../command-line/failure.ts";
import type { Listening } from "./listening.ts";
import type { ServeLog } from "./log/serve-log.ts";
import type { ServiceNotices } from "./manager/service-notices.ts";
import type { SecretPlaces } from "./secret-places.ts";
import type { ServeSettings } from "./settings.ts";

/** Settings whose change counts from the next start on, as a reader of the log knows them. */
const AT_START: Readonly<Record<Exclude<keyof ServeSettings, "log" | "access">, string>> = {
  address: "listen",
  limits: "limits",
  spool: "spool",
  idleTimeoutMs: "idle-timeout",
};

export interface ReloadParts {
  /** What the settings are now. @throws what is wrong with them. */
  readonly read: () => Promise<ServeSettings>;
  readonly log: ServeLog;
  readonly listening: Listening;
  readonly notices: ServiceNotices;
  readonly secretPlaces: SecretPlaces;
}

/** Reads the settings anew, one time after the other. What is wrong changes nothing. */
export class Reload {
  readonly #parts: ReloadParts;
  #settings: ServeSettings;
  #last: Promise<void> = Promise.resolve();

  constructor(settings: ServeSettings, parts: ReloadParts) {
    this.#settings = settings;
    this.#parts = parts;
  }

  /** Never rejects. */
  run(): Promise<void> {
    this.#last = this.#last.then(() => this.#reload());
    return this.#last;
  }

  async #reload(): Promise<void> {
    const { listening, log, notices, read, secretPlaces } = this.#parts;
    notices.reloading();
    try {
      const settings = await read();
      // Before it is one.
      secretPlaces.add(settings.access);
      await listening.reload?.(settings.access);
      log.change(settings.log);
      this.#tell(settings);
      this.#settings = { ...this.#settings, log: settings.log };
    } catch (error) {
      log.error("the settings could not be read anew, and stay as they are", { reason: reasonOf(error) });
    } finally {
      notices.ready(listening.url);
    }
  }

  #tell(settings: ServeSettings): void {
    const { log } = this.#parts;
    const before = this.#settings;
    const names = Object.entries(AT_START).filter(
      ([name]) => !isDeepStrictEqual(settings[name as keyof typeof AT_START], before[name as keyof typeof AT_START]),
    );
    const late = [
      ...names.map(([, shown]) => shown),
      ...(isDeepStrictEqual(withoutSecrets(settings), withoutSecrets(before)) ? [] : ["who may connect"]),
      ...(settings.log.withArguments === before.log.withArguments ? [] : ["log.commands"]),
    ];
    if (late.length > 0) log.warn("these settings count from the next start on", { settings: late });
    log.info?.("secrets, certificates and the level of the log were read anew");
  }
}

/** Which secrets and certificates are read is no matter of the start; whether some are asked for is. */
function withoutSecrets({ access }: ServeSettings) {
  const { auth, tls } = access;
  return { ...access, auth: auth !== undefined, tls: tls && { asksClients: tls.clientCaFile !== undefined } };
}
