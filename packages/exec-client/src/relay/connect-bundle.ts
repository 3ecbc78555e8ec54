import {
  type ConnectResponse,
  type PublicKey,
  publicKeyFromJson,
  publicKeyToJson,
  RELAY_LIMITS,
  readConnectResponse,
  readRegistryFailure,
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

function refusalOf(answer: PostAnswer, token: string | undefined): RegistryRefusal {
  const { code, text } = readRegistryFailure(answer);
  return new RegistryRefusal(withoutToken(text, token), { status: answer.status, code });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Without the cause, which quotes it.
    throw new Error("environment registry returned no JSON");
  }
}

/** A registry may repeat what it was sent. */
function withoutToken(text: string, token: string | undefined): string {
  return shownText(token === undefined || token === "" ? text : text.replaceAll(token, "***"));
}
