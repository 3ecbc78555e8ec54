import { registryAddress } from "@holdfast/relay/offer/address";
import type { Context } from "../../command-line/context.ts";
import { reasonOf, UsageError } from "../../command-line/failure.ts";
import type { ServeWords } from "../serve-words.ts";
import { relayToken } from "./relay-token.ts";

/** Where the token for a relay is from. */
export type RelayCredential =
  | { readonly kind: "token"; readonly token: string }
  /** The first line of stdin. */
  | { readonly kind: "registration-bearer" }
  /** Lines of stdin, as they change. */
  | { readonly kind: "executor-credential" };

/** To be reached through a relay. */
export interface RelayAddress {
  readonly kind: "relay";
  /** `https://host[:port][/prefix]` */
  readonly registryUrl: string;
  readonly environmentId: string;
  /** For the log of this program alone. */
  readonly name: string | undefined;
  readonly credential: RelayCredential;
  readonly allowsPlaintext: boolean;
}

/** What goes with `--remote` alone. */
const WITH_RELAY = [
  "environment-id",
  "name",
  "registration-bearer-stdin",
  "executor-credential-stdin",
  "allow-plaintext-relay",
];
/** What is about a listener. */
const WITH_LISTENER = [
  "listen",
  "allow-unauthenticated-network",
  "allow-other-local-users",
  "ws-auth",
  "ws-token-file",
  "ws-token-sha256",
  "ws-shared-secret-file",
  "ws-issuer",
  "ws-audience",
  "ws-max-clock-skew-seconds",
  "tls-cert",
  "tls-key",
  "tls-client-ca",
];

/**
 * Read `--remote` and what goes with it; undefined where nothing of it is said.
 *
 * @throws UsageError for what is wrong with one of them, or does not go together. CommandFailure there is no token.
 */
export function relayAddress(words: ServeWords, { env }: Pick<Context, "env">): RelayAddress | undefined {
  const url = words.text("remote");
  const isSaid = (name: string): boolean => words.has(name) || words.text(name) !== undefined;
  if (url === undefined) {
    const alone = WITH_RELAY.find(isSaid);
    if (alone !== undefined) throw new UsageError(`--${alone} is for --remote URL`);
    return undefined;
  }
  const other = WITH_LISTENER.find(isSaid) ?? (words.texts("allow-origin").length > 0 ? "allow-origin" : undefined);
  if (other === "listen")
    throw new UsageError(
      "--remote and --listen exclude each other: it is reached through the relay, or where it listens",
    );
  if (other !== undefined) throw new UsageError(`--${other} is for --listen, and --remote URL listens nowhere`);
  const id = words.text("environment-id");
  if (id === undefined) throw new UsageError("--remote URL needs --environment-id ID");
  const allowsPlaintext = words.has("allow-plaintext-relay");
  const { baseUrl: registryUrl, environmentId } = checkedAddress(url, id, allowsPlaintext);
  return {
    kind: "relay",
    registryUrl,
    environmentId,
    name: words.text("name"),
    credential: credentialOf(words, env, registryUrl),
    allowsPlaintext,
  };
}

function checkedAddress(url: string, id: string, allowsPlaintext: boolean) {
  try {
    return registryAddress(url, id, { allowsPlaintext });
  } catch (error) {
    throw new UsageError(`--remote with --environment-id: ${reasonOf(error)}`, { cause: error });
  }
}

function credentialOf(words: ServeWords, env: Context["env"], registryUrl: string): RelayCredential {
  const isBearer = words.has("registration-bearer-stdin");
  const isRotating = words.has("executor-credential-stdin");
  if (isBearer && isRotating) {
    throw new UsageError("--registration-bearer-stdin and --executor-credential-stdin exclude each other");
  }
  if (isBearer) return { kind: "registration-bearer" };
  if (isRotating) return { kind: "executor-credential" };
  return { kind: "token", token: relayToken(env, registryUrl) };
}
