import { openEmbeddedStores, type RelayStores } from "@holdfast/relay/service";
import { CommandFailure, reasonOf } from "../command-line/failure.ts";
import { readSecretFile } from "../secret-file.ts";
import type { ServeLog } from "../serve/log/serve-log.ts";
import type { RelaySettings } from "./serve-settings.ts";

/** Of a file with a token and a key, with room for what is written around them. */
const CREDENTIALS_MAX_BYTES = 65_536;

/** What the relay stands on. @throws CommandFailure it can't be used. */
export async function openStores(settings: RelaySettings, log: ServeLog): Promise<RelayStores> {
  const { stateFolder, nats, natsCredentials } = settings;
  if (nats !== undefined) return await onNats(nats, natsCredentials, log);
  try {
    return await openEmbeddedStores(stateFolder);
  } catch (error) {
    throw new CommandFailure(`${reasonOf(error)}; --state DIR names another one`, { cause: error });
  }
}

async function onNats(url: string, file: string | undefined, log: ServeLog): Promise<RelayStores> {
  const credentials = file === undefined ? undefined : await credentialsIn(file);
  // Nobody else needs its libraries.
  const { connectNats } = await import("@holdfast/relay/nats");
  try {
    return await connectNats({ url, credentials, onProblem: (reason) => log.warn("NATS", { reason }) });
  } catch (error) {
    throw new CommandFailure(reasonOf(error), { cause: error });
  }
}

async function credentialsIn(file: string): Promise<Uint8Array> {
  const read = await readSecretFile(file, CREDENTIALS_MAX_BYTES);
  if (read.kind === "secret") return new TextEncoder().encode(read.text);
  const reason =
    read.kind === "exposed" ? read.reason : read.kind === "empty" ? "is empty" : `can't be read: ${read.code}`;
  throw new CommandFailure(`--nats-credentials ${file} ${reason}`);
}
