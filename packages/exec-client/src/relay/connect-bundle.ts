import { isObject } from "@holdfast/protocol-kit";
import {
  type ConnectResponse,
  type PublicKey,
  publicKeyFromJson,
  publicKeyToJson,
  RELAY_LIMITS,
  readConnectResponse,
} from "@holdfast/relay-protocol";
import { type ClientCertificate, type Clock, shownText } from "@holdfast/rpc";
import { type PostAnswer, postJson } from "./post-json.ts";
import { RegistryRefusal } from "./registry-refusal.ts";
import type { RelayAddress } from "./relay-url.ts";

/** What one connection needs, once. */
export interface ConnectBundle {
  /** Of the websocket, as it is. */
  readonly url: string;
  readonly registrationId: string;
  readonly executorKey: PublicKey;
  /** Payload of the handshake. */
  readonly authorization: Uint8Array;
}

export interface BundleOptions {
  /** Of the request besides its own. */
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly token: string | undefined;
  readonly ca: string | undefined;
  readonly clientCertificate: ClientCertificate | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly clock: Clock;
}

/** What is told of a registry's own words, characters. */
const TOLD_MAX_CHARACTERS = 4_096;

/**
 * Ask a registry once for what a connection needs.
 *
 * @throws RegistryRefusal another status than 200. @throws PostTimeout @throws Error - It is not reached, or what it gave is no bundle for the environment.
 */
export async function connectBundle(
  { registryUrl, environmentId }: RelayAddress,
  publicKey: PublicKey,
  { token, headers, ...options }: BundleOptions,
): Promise<ConnectBundle> {
  const url = `${registryUrl}/cloud/environment/${encodeURIComponent(environmentId)}/connect`;
  const answer = await postJson(
    url,
    { harness_public_key: publicKeyToJson(publicKey) },
    { ...options, headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) } },
  );
  if (answer.status !== 200) throw refusalOf(answer, token);
  return bundleOf(readConnectResponse(parsed(answer.body), environmentId));
}

function bundleOf(response: ConnectResponse): ConnectBundle {
  const { url, executor_registration_id: registrationId, executor_public_key, harness_key_authorization } = response;
  if (!/^wss?:\/\//iu.test(url)) throw new Error("environment registry returned a URL that is no ws: or wss:");
  const authorization = new TextEncoder().encode(harness_key_authorization);
  if (authorization.length > RELAY_LIMITS.maxAuthorizationBytes) {
    const most = RELAY_LIMITS.maxAuthorizationBytes;
    throw new Error(`environment registry returned an authorization of more than ${most} bytes`);
  }
  return { url, registrationId, executorKey: publicKeyFromJson(executor_public_key), authorization };
}

/** In the words of the reference, with those of the registry. */
function refusalOf({ status, statusText, body }: PostAnswer, token: string | undefined): RegistryRefusal {
  const { code, message } = errorOf(body);
  const isAboutAuth = status === 401 || status === 403;
  const what = isAboutAuth ? "authentication failed" : "request failed";
  const told = message ?? (isAboutAuth ? "empty error body" : "empty or malformed error body");
  const shownStatus = [`${status} ${statusText}`.trim(), ...(code === undefined || isAboutAuth ? [] : [code])];
  const text = `environment registry ${what} (${shownStatus.join(", ")}): ${told}`;
  return new RegistryRefusal(withoutToken(text, token), { status, code });
}

function errorOf(body: string): { readonly code: string | undefined; readonly message: string | undefined } {
  const { error } = objectIn(body);
  if (isObject(error) && typeof error.message === "string") {
    return { code: typeof error.code === "string" ? oneLine(error.code) : undefined, message: oneLine(error.message) };
  }
  const text = oneLine(body);
  return { code: undefined, message: text === "" ? undefined : text };
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Without the cause, which quotes it.
    throw new Error("environment registry returned no JSON");
  }
}

/** Without what could steer a terminal. */
function oneLine(text: string): string {
  return text
    .slice(0, TOLD_MAX_CHARACTERS)
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ")
    .trim();
}

/** A registry may repeat what it was sent. */
function withoutToken(text: string, token: string | undefined): string {
  return shownText(token === undefined || token === "" ? text : text.replaceAll(token, "***"));
}
