import { resolve } from "node:path";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, UsageError } from "../command-line/failure.ts";
import type { ListenAddress } from "./listen-address.ts";
import type { ServeWords } from "./serve-words.ts";

const KINDS = ["capability-token", "signed-bearer-token"] as const;
const DEFAULT_CLOCK_SKEW_SECONDS = 30;
const MAX_CLOCK_SKEW = 2n ** 63n - 1n;
const MAX_WORD = 2n ** 64n - 1n;

/** What a handshake must bring, besides being of the right user. Paths are absolute. */
export type AuthSettings =
  | { readonly kind: "capability-token"; readonly tokenFile: string }
  /** In hex. */
  | { readonly kind: "capability-token"; readonly sha256: string }
  | {
      readonly kind: "signed-bearer-token";
      readonly secretFile: string;
      readonly issuer: string | undefined;
      readonly audience: string | undefined;
      readonly maxClockSkewSeconds: number;
    };

/**
 * Read `--ws-auth` and what goes with it, by the rules of Codex and with its words: `--ws-token-file`, `--ws-token-sha256`,
 * `--ws-shared-secret-file`, `--ws-issuer`, `--ws-audience`, `--ws-max-clock-skew-seconds`.
 *
 * @param place - Its `cwd` is what relative paths are relative to.
 * @throws CommandFailure for options that do not go together. UsageError for a value that is none of the option's.
 */
export function authSettings(
  words: ServeWords,
  address: ListenAddress,
  place: Pick<Context, "cwd">,
): AuthSettings | undefined {
  const kind = words.choice("ws-auth", KINDS);
  const [tokenFile, sha256] = [words.text("ws-token-file"), words.text("ws-token-sha256")];
  const [secretFile, issuer, audience] = ["ws-shared-secret-file", "ws-issuer", "ws-audience"].map((name) =>
    words.text(name),
  );
  const skew = clockSkew(words.text("ws-max-clock-skew-seconds"));
  const hasTokenOptions = (tokenFile ?? sha256) !== undefined;
  const hasSigningOptions = (secretFile ?? issuer ?? audience ?? skew) !== undefined;
  if (kind === undefined) {
    if (!hasTokenOptions && !hasSigningOptions) return undefined;
    throw new CommandFailure(
      "websocket auth flags require `--ws-auth capability-token` or `--ws-auth signed-bearer-token`",
    );
  }
  const settings =
    kind === "capability-token"
      ? capabilityToken({ tokenFile, sha256, hasSigningOptions }, place)
      : signedToken({ secretFile, issuer, audience, skew, hasTokenOptions }, place);
  if (address.kind === "stdio") throw new CommandFailure("WebSocket auth requires a WebSocket listener, not stdio");
  return settings;
}

interface TokenOptions {
  readonly tokenFile: string | undefined;
  readonly sha256: string | undefined;
  readonly hasSigningOptions: boolean;
}

function capabilityToken(
  { tokenFile, sha256, hasSigningOptions }: TokenOptions,
  place: Pick<Context, "cwd">,
): AuthSettings {
  if (hasSigningOptions) {
    throw new CommandFailure(
      "`--ws-shared-secret-file`, `--ws-issuer`, `--ws-audience`, and `--ws-max-clock-skew-seconds` require `--ws-auth signed-bearer-token`",
    );
  }
  if (tokenFile !== undefined && sha256 !== undefined) {
    throw new CommandFailure("`--ws-token-file` and `--ws-token-sha256` are mutually exclusive");
  }
  if (tokenFile !== undefined) return { kind: "capability-token", tokenFile: resolve(place.cwd, tokenFile) };
  if (sha256 === undefined) {
    throw new CommandFailure(
      "`--ws-token-file` or `--ws-token-sha256` is required when `--ws-auth capability-token` is set",
    );
  }
  const digest = sha256.trim();
  if (!/^[\da-f]{64}$/i.test(digest)) {
    throw new CommandFailure("--ws-token-sha256 must be a 64-character hex SHA-256 digest");
  }
  return { kind: "capability-token", sha256: digest.toLowerCase() };
}

interface SigningOptions {
  readonly secretFile: string | undefined;
  readonly issuer: string | undefined;
  readonly audience: string | undefined;
  readonly skew: number | undefined;
  readonly hasTokenOptions: boolean;
}

function signedToken(
  { secretFile, issuer, audience, skew, hasTokenOptions }: SigningOptions,
  place: Pick<Context, "cwd">,
): AuthSettings {
  if (hasTokenOptions) {
    throw new CommandFailure(
      "`--ws-token-file` and `--ws-token-sha256` require `--ws-auth capability-token`, not `signed-bearer-token`",
    );
  }
  if (secretFile === undefined) {
    throw new CommandFailure("`--ws-shared-secret-file` is required when `--ws-auth signed-bearer-token` is set");
  }
  return {
    kind: "signed-bearer-token",
    secretFile: resolve(place.cwd, secretFile),
    issuer: issuer?.trim() || undefined,
    audience: audience?.trim() || undefined,
    maxClockSkewSeconds: skew ?? DEFAULT_CLOCK_SKEW_SECONDS,
  };
}

function clockSkew(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text) || BigInt(text) > MAX_WORD) {
    throw new UsageError(`--ws-max-clock-skew-seconds must be a whole number of seconds, not '${text}'`);
  }
  if (BigInt(text) > MAX_CLOCK_SKEW) {
    throw new CommandFailure("websocket auth clock skew must fit in a signed 64-bit integer");
  }
  return Number(text);
}
