import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { type PublicUrl, readPublicUrl } from "@holdfast/relay/service";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { reasonOf, UsageError } from "../command-line/failure.ts";
import { parseListenAddress } from "../serve/listen-address.ts";
import { LOG_FORMATS, type LogSettings, logSettings } from "../serve/log/log-settings.ts";
import type { TlsSettings } from "../serve/tls-settings.ts";

/** What `relay serve` was told. */
export interface RelaySettings {
  readonly host: string;
  readonly port: number;
  readonly tls: TlsSettings | undefined;
  /** As it was given. */
  readonly publicUrl: string | undefined;
  /** Absolute. */
  readonly stateFolder: string;
  /** May hold a password. */
  readonly nats: string | undefined;
  /** Absolute. */
  readonly natsCredentials: string | undefined;
  readonly log: LogSettings;
}

const DEFAULT_LISTEN = "http://127.0.0.1:0";

/** @throws UsageError for what is wrong with one of them, or with all together. */
export function relaySettings(args: Arguments, context: Pick<Context, "env" | "cwd">): RelaySettings {
  const address = listenAddress(args.text("listen") ?? DEFAULT_LISTEN, context);
  const tls = tlsOf(args, address.isSecure, context);
  const publicUrl = publicUrlOf(args.text("public-url"));
  if (!address.isLoopback && tls === undefined && publicUrl?.isSecure !== true && !args.has("allow-plaintext-relay")) {
    throw new UsageError(
      "beyond this machine a relay speaks TLS: add --tls-cert FILE and --tls-key FILE, --public-url https://… of a proxy in front, or --allow-plaintext-relay where everybody may read the tokens",
    );
  }
  const { host, port } = address;
  const nats = args.text("nats") ?? (context.env.HOLDFAST_RELAY_NATS_URL || undefined);
  const credentials = args.text("nats-credentials");
  if (credentials !== undefined && nats === undefined) throw new UsageError("--nats-credentials is for --nats URL");
  return {
    host,
    port,
    tls,
    publicUrl: publicUrl?.href,
    stateFolder: stateFolder(args.text("state"), context),
    nats,
    natsCredentials: credentials === undefined ? undefined : resolve(context.cwd, credentials),
    log: { ...logSettings(args, "info"), format: args.choice("log-format", LOG_FORMATS) ?? "json" },
  };
}

function listenAddress(text: string, context: Pick<Context, "env">) {
  const expected = "expected http://IP:PORT or https://IP:PORT";
  if (!/^https?:\/\//.test(text)) throw new UsageError(`invalid --listen '${text}': ${expected}`);
  try {
    const address = parseListenAddress(text.replace(/^http/, "ws"), context);
    if (address.kind === "websocket") return address;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
  }
  throw new UsageError(`invalid --listen '${text}': ${expected}`);
}

function tlsOf(args: Arguments, isSecure: boolean, { cwd }: Pick<Context, "cwd">): TlsSettings | undefined {
  const cert = args.text("tls-cert");
  const key = args.text("tls-key");
  if (cert === undefined && key === undefined) {
    if (!isSecure) return undefined;
    throw new UsageError("--listen https://… needs a certificate: add --tls-cert FILE and --tls-key FILE");
  }
  if (cert === undefined || key === undefined) throw new UsageError("--tls-cert FILE and --tls-key FILE go together");
  return { certFile: resolve(cwd, cert), keyFile: resolve(cwd, key), clientCaFile: undefined };
}

function publicUrlOf(text: string | undefined): PublicUrl | undefined {
  if (text === undefined) return undefined;
  try {
    return readPublicUrl(text);
  } catch (error) {
    throw new UsageError(`invalid --public-url: ${reasonOf(error)}`, { cause: error });
  }
}

function stateFolder(text: string | undefined, { env, cwd }: Pick<Context, "env" | "cwd">): string {
  if (text !== undefined && text !== "") return resolve(cwd, text);
  const { XDG_STATE_HOME: state, HOME: home } = env;
  const base = state !== undefined && isAbsolute(state) ? state : join(home || homedir(), ".local", "state");
  return join(base, "holdfast", "relay");
}
