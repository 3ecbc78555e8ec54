import { checkOrigin } from "@holdfast/rpc/websocket";
import type { Context } from "../command-line/context.ts";
import { reasonOf, UsageError } from "../command-line/failure.ts";
import { type AuthSettings, authSettings } from "./auth-settings.ts";
import type { ListenAddress } from "./listen-address.ts";
import type { ServeWords } from "./serve-words.ts";
import { type TlsSettings, tlsSettings } from "./tls-settings.ts";

/** Who may connect, and how. */
export interface AccessSettings {
  /** Local users besides the executor's own and root. */
  readonly otherLocalUsers: boolean;
  /** Other machines without credentials. With them, they are admitted in any case. */
  readonly otherMachines: boolean;
  /** Of web pages, each as a browser sends it. */
  readonly allowedOrigins: readonly string[];
  /** What clients must bring; undefined: nothing. */
  readonly auth: AuthSettings | undefined;
  readonly tls: TlsSettings | undefined;
}

/** Nobody connects to it. */
export const NO_LISTENER: AccessSettings = {
  otherLocalUsers: false,
  otherMachines: false,
  allowedOrigins: [],
  auth: undefined,
  tls: undefined,
};

/**
 * Read `--ws-auth`, `--tls-cert`, `--allow-origin` and what goes with them, and what admits others.
 *
 * @throws UsageError for one without those that it needs, an origin that is none, or an address that lets others in unsaid. CommandFailure for
 * options of `--ws-auth` that do not go together.
 */
export function accessSettings(words: ServeWords, address: ListenAddress, place: Pick<Context, "cwd">): AccessSettings {
  const allowedOrigins = words.texts("allow-origin");
  if (address.kind === "stdio" && allowedOrigins.length > 0) {
    throw new UsageError("--allow-origin is for --listen ws://… or wss://…");
  }
  const auth = authSettings(words, address, place);
  const tls = tlsSettings(words, address, place);
  const access = {
    otherLocalUsers: words.has("allow-other-local-users"),
    otherMachines: words.has("allow-unauthenticated-network"),
    allowedOrigins,
    auth,
    tls,
  };
  checkReach(address, access);
  if (auth === undefined && allowedOrigins.length > 0) {
    throw new UsageError(
      "--allow-origin lets web pages run anything as you: add --ws-auth capability-token and --ws-token-file FILE",
    );
  }
  checkOrigins(allowedOrigins);
  return access;
}

/** Whether every client has to show that it may connect. */
export function asksForCredentials({ auth, tls }: Pick<AccessSettings, "auth" | "tls">): boolean {
  return auth !== undefined || tls?.clientCaFile !== undefined;
}

function checkReach(address: ListenAddress, access: AccessSettings): void {
  if (address.kind !== "websocket" || address.isLoopback) return;
  if (access.otherMachines || asksForCredentials(access)) return;
  throw new UsageError(
    `${address.host} can be reached from other machines, and every client that connects can run anything as you: ` +
      "listen on 127.0.0.1, ask for a token with --ws-auth, or add --allow-unauthenticated-network if that is meant",
  );
}

function checkOrigins(origins: readonly string[]): void {
  try {
    for (const origin of origins) checkOrigin(origin);
  } catch (error) {
    throw new UsageError(`--allow-origin: ${reasonOf(error)}`, { cause: error });
  }
}
