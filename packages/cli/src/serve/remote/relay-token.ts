import { isLoopbackHost } from "@holdfast/rpc";
import type { Context } from "../../command-line/context.ts";
import { CommandFailure } from "../../command-line/failure.ts";
import { RELAY_TOKEN_VARIABLE, withoutToken } from "../../executor/credential-options.ts";

const KEY_VARIABLE = "CODEX_API_KEY";
const KEY_HOSTS = ["openai.com", "openai.org"];
/** What a header can hold, without blanks. */
const TOKEN = /^[\x21-\x7e]+$/;

/** Whether a text can be sent as a token at all. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/**
 * The token that the environment has for a registry.
 *
 * @throws CommandFailure there is none, or it must not be sent there.
 */
export function relayToken(env: Context["env"], registryUrl: string): string {
  const own = env[RELAY_TOKEN_VARIABLE];
  if (own !== undefined && own !== "") return checked(RELAY_TOKEN_VARIABLE, own);
  const key = env[KEY_VARIABLE];
  if (key === undefined || key === "") {
    throw new CommandFailure(
      `remote exec-server registration requires a token: set ${RELAY_TOKEN_VARIABLE} or ${KEY_VARIABLE}, or use --registration-bearer-stdin`,
    );
  }
  if (!mayHaveKey(registryUrl)) {
    // Keys of a provider are not for whoever runs a relay.
    throw new CommandFailure(
      `remote exec-server API-key authentication is restricted to HTTPS openai.com and openai.org hosts and subdomains or loopback hosts; set ${RELAY_TOKEN_VARIABLE} for this one`,
    );
  }
  return checked(KEY_VARIABLE, key);
}

function checked(variable: string, text: string): string {
  const token = text.trim();
  if (!isToken(token)) throw new CommandFailure(`${variable} must be one word of printable ASCII characters`);
  return token;
}

function mayHaveKey(registryUrl: string): boolean {
  const { protocol, hostname } = new URL(registryUrl);
  if (isLoopbackHost(hostname)) return true;
  return protocol === "https:" && KEY_HOSTS.some((host) => hostname === host || hostname.endsWith(`.${host}`));
}

/** The environment of commands without what the relay is shown. */
export function withoutRelayTokens(env: Context["env"]): Context["env"] {
  const { [KEY_VARIABLE]: _key, ...rest } = withoutToken(env);
  return rest;
}
