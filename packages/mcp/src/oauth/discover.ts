import { shownUrl } from "@holdfast/rpc";
import { checkResourceAllowed, extractWWWAuthenticateParams } from "@modelcontextprotocol/client";
import type { FetchLike } from "../http/fetch-like.ts";
import type { AuthorizationServer, Discovered, ResourceMetadata } from "./discovered.ts";
import { McpOAuthError } from "./oauth-error.ts";
import { readAuthorizationServer, readResourceMetadata } from "./read-metadata.ts";
import { isTrustedEndpoint } from "./trusted-endpoint.ts";

/** The version that metadata is asked for by; servers answer by the newest form that they have. */
const DISCOVERY_HEADERS = { "mcp-protocol-version": "2024-11-05" };

const RESOURCE = ".well-known/oauth-protected-resource";
const OAUTH = ".well-known/oauth-authorization-server";
const OPENID = ".well-known/openid-configuration";

const UNAUTHORIZED = 401;
const MESSAGE_TYPES = "application/json, text/event-stream";
const PING = JSON.stringify({ jsonrpc: "2.0", id: 0, method: "ping" });

/** What a server says when it refuses a request. */
export interface Challenge {
  readonly metadataUrl: URL | undefined;
  readonly scope: string | undefined;
}

const NO_CHALLENGE: Challenge = { metadataUrl: undefined, scope: undefined };

/** The challenge of an answer; undefined: it is no refusal. */
export function challengeIn(response: Response): Challenge | undefined {
  if (response.status !== UNAUTHORIZED) return undefined;
  const { resourceMetadataUrl, scope } = extractWWWAuthenticateParams(response);
  return { metadataUrl: resourceMetadataUrl, scope };
}

/**
 * Find out how to sign in to a server: what it says when it refuses a request, then in the places where its metadata can be.
 *
 * @param fetchFn - As `oauthFetch` makes it.
 * @param known - What it said when it refused a message. Many servers refuse nothing else.
 * @returns Undefined: it does not say.
 * @throws McpOAuthError - What it says can not be used. What `fetchFn` throws.
 */
export async function discover(serverUrl: URL, fetchFn: FetchLike, known?: Challenge): Promise<Discovered | undefined> {
  const challenge = (await challengeOfGet(serverUrl, fetchFn)) ?? known;
  const discovered = await discoverFrom(serverUrl, challenge ?? NO_CHALLENGE, fetchFn);
  if (discovered !== undefined || challenge !== undefined) return discovered;
  const asked = await challengeOfMessage(serverUrl, fetchFn);
  return asked?.metadataUrl && (await discoverFrom(serverUrl, asked, fetchFn));
}

async function discoverFrom(serverUrl: URL, challenge: Challenge, fetchFn: FetchLike): Promise<Discovered | undefined> {
  const resource = await resourceOf(serverUrl, challenge, fetchFn);
  const server = await (resource === undefined
    ? serverBeside(serverUrl, fetchFn)
    : serverOfResource(serverUrl, resource, fetchFn));
  return server && { server, resource, challengedScope: challenge.scope };
}

async function challengeOfGet(serverUrl: URL, fetchFn: FetchLike): Promise<Challenge | undefined> {
  try {
    return challengeIn(await fetchFn(serverUrl, { headers: DISCOVERY_HEADERS }));
  } catch (error) {
    // Some hold such a request for as long as they have nothing to say.
    if (error instanceof McpOAuthError && error.code === "timeout") return undefined;
    throw error;
  }
}

/** Nothing is begun by it: a server that does not refuse it is asked nothing more. */
async function challengeOfMessage(serverUrl: URL, fetchFn: FetchLike): Promise<Challenge | undefined> {
  const headers = { ...DISCOVERY_HEADERS, "content-type": "application/json", accept: MESSAGE_TYPES };
  return challengeIn(await fetchFn(serverUrl, { method: "POST", headers, body: PING }));
}

async function resourceOf(
  serverUrl: URL,
  { metadataUrl }: Challenge,
  fetchFn: FetchLike,
): Promise<ResourceMetadata | undefined> {
  if (metadataUrl !== undefined && !isTrustedEndpoint(metadataUrl, serverUrl)) {
    throw new McpOAuthError("discovery", `the resource_metadata of the server must be an https: URL`);
  }
  const places = metadataUrl === undefined ? placesBeside(serverUrl, RESOURCE) : [metadataUrl];
  for (const place of places) {
    const document = await documentAt(place, fetchFn);
    if (document === undefined || !("resource" in document)) continue;
    const metadata = readResourceMetadata(document);
    checkResource(serverUrl, metadata);
    return metadata;
  }
  return undefined;
}

/** A token for another server must not be asked for on the word of this one. */
function checkResource(serverUrl: URL, { resource }: ResourceMetadata): void {
  const isSame =
    URL.canParse(resource) &&
    checkResourceAllowed({ requestedResource: serverUrl, configuredResource: new URL(resource) });
  if (isSame) return;
  const expected = shownUrl(serverUrl);
  throw new McpOAuthError(
    "discovery",
    `protected resource metadata is of another resource: expected ${expected}, received ${shownUrl(resource)}`,
  );
}

async function serverOfResource(
  serverUrl: URL,
  { authorizationServers }: ResourceMetadata,
  fetchFn: FetchLike,
): Promise<AuthorizationServer | undefined> {
  const [issuer] = authorizationServers;
  if (issuer === undefined) return await serverBeside(serverUrl, fetchFn);
  const url = URL.parse(issuer);
  if (url === null || !isTrustedEndpoint(url, serverUrl)) {
    throw new McpOAuthError("discovery", "the authorization server of the resource must be an https: URL");
  }
  for (const place of [...placesUnder(url, OAUTH), ...placesOfOpenId(url)]) {
    const document = await documentAt(place, fetchFn);
    if (document === undefined || !("issuer" in document)) continue;
    const server = readAuthorizationServer(document, (endpoint) => isTrustedEndpoint(endpoint, serverUrl));
    checkIssuer(issuer, server.issuer);
    return server;
  }
  return undefined;
}

/** The authorization server of a server without metadata of its own is where the server is. */
async function serverBeside(serverUrl: URL, fetchFn: FetchLike): Promise<AuthorizationServer | undefined> {
  const root = new URL(`/${OAUTH}`, serverUrl);
  const places = [...placesUnder(serverUrl, OAUTH), ...placesOfOpenId(serverUrl)];
  const others = places.filter(({ href }) => href !== root.href);
  for (const place of [...others, root]) {
    const document = await documentAt(place, fetchFn);
    if (document === undefined || !("issuer" in document)) continue;
    const server = readAuthorizationServer(document, (endpoint) => isTrustedEndpoint(endpoint, serverUrl));
    // At the root it speaks for the host, whose authorization server may be elsewhere.
    if (place !== root) checkIssuer(withoutSlash(`${serverUrl.origin}${serverUrl.pathname}`), server.issuer);
    return server;
  }
  return undefined;
}

function checkIssuer(expected: string, received: string): void {
  if (withoutSlash(expected) === withoutSlash(received)) return;
  throw new McpOAuthError(
    "discovery",
    `Authorization server issuer mismatch: expected ${shownUrl(expected)}, received ${shownUrl(received)}`,
  );
}

/** Before the path, behind it, and at the root. */
function placesBeside(url: URL, name: string): readonly URL[] {
  const path = withoutSlash(url.pathname);
  const paths = path === "" ? [`/${name}`] : [`/${name}${path}`, `${path}/${name}`, `/${name}`];
  return paths.map((each) => new URL(each, url.origin));
}

/** Before the path. */
function placesUnder(url: URL, name: string): readonly URL[] {
  return [new URL(`/${name}${withoutSlash(url.pathname)}`, url.origin)];
}

/** Before the path and behind it. */
function placesOfOpenId(url: URL): readonly URL[] {
  const path = withoutSlash(url.pathname);
  const paths = path === "" ? [`/${OPENID}`] : [`/${OPENID}${path}`, `${path}/${OPENID}`];
  return paths.map((each) => new URL(each, url.origin));
}

function withoutSlash(text: string): string {
  return text.endsWith("/") ? text.slice(0, -1) : text;
}

/** What is there, if it is a JSON object: many a server answers every address with a page. */
async function documentAt(url: URL, fetchFn: FetchLike): Promise<Readonly<Record<string, unknown>> | undefined> {
  const response = await fetchFn(url, { headers: { ...DISCOVERY_HEADERS, accept: "application/json" } });
  if (!response.ok) return undefined;
  try {
    const value: unknown = await response.json();
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}
