import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { checkTls, type TlsServerOptions } from "@holdfast/rpc/websocket";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, reasonOf, UsageError } from "../command-line/failure.ts";
import { readSecretFile } from "../secret-file.ts";
import type { ListenAddress } from "./listen-address.ts";
import type { ServeWords } from "./serve-words.ts";

/** Of a private key, with room for what some write around it. */
const KEY_MAX_BYTES = 1_048_576;

/** Files with what TLS needs, absolute. */
export interface TlsSettings {
  readonly certFile: string;
  readonly keyFile: string;
  /** Authorities whose clients may connect; undefined: clients need no certificate. */
  readonly clientCaFile: string | undefined;
}

/**
 * Read `--tls-cert`, `--tls-key` and `--tls-client-ca`.
 *
 * @param place - Its `cwd` is what relative paths are relative to.
 * @throws UsageError for one without those that it needs, or where there is no TLS.
 */
export function tlsSettings(
  words: ServeWords,
  address: ListenAddress,
  place: Pick<Context, "cwd">,
): TlsSettings | undefined {
  const [cert, key, clientCa] = ["tls-cert", "tls-key", "tls-client-ca"].map((name) => words.text(name));
  const isMeant = (cert ?? key ?? clientCa) !== undefined;
  if (!isMeant) {
    if (address.kind === "websocket" && address.isSecure) {
      throw new UsageError("--listen wss://… needs a certificate: add --tls-cert FILE and --tls-key FILE");
    }
    return undefined;
  }
  if (address.kind !== "websocket") {
    throw new UsageError("--tls-cert, --tls-key and --tls-client-ca are for --listen ws://… or wss://…");
  }
  if (cert === undefined || key === undefined) throw new UsageError("--tls-cert FILE and --tls-key FILE go together");
  return {
    certFile: resolve(place.cwd, cert),
    keyFile: resolve(place.cwd, key),
    clientCaFile: clientCa === undefined ? undefined : resolve(place.cwd, clientCa),
  };
}

/** Read the files. @throws CommandFailure one can't be read, or the key is not kept from others. */
export async function readTls({ certFile, keyFile, clientCaFile }: TlsSettings): Promise<TlsServerOptions> {
  const cert = await textOf("--tls-cert", certFile);
  const key = await readSecretFile(keyFile, KEY_MAX_BYTES);
  if (key.kind !== "secret") {
    const reason =
      key.kind === "exposed" ? key.reason : key.kind === "empty" ? "is empty" : `can't be read: ${key.code}`;
    throw new CommandFailure(`--tls-key ${keyFile} ${reason}`);
  }
  const clientCa = clientCaFile === undefined ? undefined : await textOf("--tls-client-ca", clientCaFile);
  const options = { cert, key: key.text, clientCa };
  try {
    checkTls(options);
    return options;
  } catch (error) {
    throw new CommandFailure(
      `--tls-cert ${certFile} and --tls-key ${keyFile} can't be used together: ${reasonOf(error)}`,
      {
        cause: error,
      },
    );
  }
}

async function textOf(option: string, path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new CommandFailure(`${option} ${path}: ${reasonOf(error)}`, { cause: error });
  }
}
