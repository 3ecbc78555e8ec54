import { resolve } from "node:path";
import { checkOrigin } from "@holdfast/rpc/websocket";
import type { Context } from "../command-line/context.ts";
import { reasonOf, UsageError } from "../command-line/failure.ts";
import type { ListenAddress } from "./listen-address.ts";
import type { ServeWords } from "./serve-words.ts";

const AUTH_KINDS = ["capability-token"] as const;

/** What a handshake must bring, besides being of the right user. */
export interface AuthSettings {
  readonly kind: "capability-token";
  /** Absolute path of the file with the token. */
  readonly tokenFile: string;
}

/** Who may connect. */
export interface AccessSettings {
  /** Local users besides the executor's own and root. */
  readonly otherLocalUsers: boolean;
  readonly otherMachines: boolean;
  /** Of web pages, each as a browser sends it. */
  readonly allowedOrigins: readonly string[];
  readonly auth: AuthSettings | undefined;
}

/**
 * Read `--ws-auth`, `--ws-token-file`, `--allow-origin` and what admits others.
 *
 * @throws UsageError for one without those that it needs, an origin that is none, or an address that lets others in unsaid.
 */
export function accessSettings(words: ServeWords, address: ListenAddress, place: Pick<Context, "cwd">): AccessSettings {
  const otherMachines = words.has("allow-unauthenticated-network");
  if (address.kind === "websocket" && !address.isLoopback && !otherMachines) {
    throw new UsageError(
      `${address.host} can be reached from other machines, and every client that connects can run anything as you: ` +
        "listen on 127.0.0.1, or add --allow-unauthenticated-network if that is meant",
    );
  }
  const kind = words.choice("ws-auth", AUTH_KINDS);
  const file = words.text("ws-token-file");
  const allowedOrigins = words.texts("allow-origin");
  if (address.kind === "stdio" && (kind ?? file ?? allowedOrigins[0]) !== undefined) {
    throw new UsageError("--ws-auth, --ws-token-file and --allow-origin are for --listen ws://…");
  }
  if ((kind === undefined) !== (file === undefined)) {
    throw new UsageError("--ws-auth capability-token and --ws-token-file FILE go together");
  }
  if (file === undefined && allowedOrigins.length > 0) {
    throw new UsageError(
      "--allow-origin lets web pages run anything as you: add --ws-auth capability-token and --ws-token-file FILE",
    );
  }
  checkOrigins(allowedOrigins);
  return {
    otherLocalUsers: words.has("allow-other-local-users"),
    otherMachines,
    allowedOrigins,
    auth: file === undefined ? undefined : { kind: "capability-token", tokenFile: resolve(place.cwd, file) },
  };
}

function checkOrigins(origins: readonly string[]): void {
  try {
    for (const origin of origins) checkOrigin(origin);
  } catch (error) {
    throw new UsageError(`--allow-origin: ${reasonOf(error)}`, { cause: error });
  }
}
