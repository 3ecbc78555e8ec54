import type { Clock } from "@holdfast/rpc";
import type { HttpAnswer, Principal } from "@holdfast/rpc/websocket";
import { permits, type TokenEntry, type TokenSet } from "../tokens/index.ts";
import { inTime } from "./in-time.ts";
import type { RelayStores } from "./ports.ts";
import type { ServiceClock } from "./service-clock.ts";
import type { ServicePath } from "./service-path.ts";
import { readSignedQuery, type SocketClaims, type UrlRejection } from "./signed-url.ts";

/** Executors of Codex write its value to their log, where it is one that they know. */
const REJECTION_HEADER = "x-codex-rendezvous-rejection-reason";

/** Why a handshake is refused. */
export type HandshakeRejection =
  | UrlRejection
  | "unknown_route"
  | "invalid_secret"
  | "unexpected_executor_registration_id"
  | "route_unavailable";

const TEXTS: Readonly<Record<HandshakeRejection, string>> = {
  malformed_query: "the URL of the connection has a part twice",
  extra_query_param: "the URL of the connection has a part that is not known",
  missing_role: "the URL of the connection has no role",
  missing_expiry: "the URL of the connection has no expiry",
  missing_signature: "the URL of the connection has no signature",
  missing_version: "the URL of the connection has no version",
  missing_executor_registration_id: "the URL of the connection has no registration",
  invalid_role: "the URL of the connection has an unknown role",
  invalid_expiry: "the URL of the connection has an expiry that is no time",
  invalid_signature: "the URL of the connection was not made by this relay, or its secret was changed",
  expired: "the URL of the connection has expired",
  unknown_route: "connections are taken under the URL that the registry gives",
  invalid_secret: "the token by which the URL was asked for may not be used for that any more",
  unexpected_executor_registration_id: "the executor has registered again since",
  route_unavailable: "the executor can not be reached now",
};

/** Those after which asking the registry again does not help. */
const STATUSES: Partial<Record<HandshakeRejection, number>> = { unknown_route: 404, route_unavailable: 503 };

/** Who is at the other end of a socket, and for what. */
export class SocketPrincipal implements Principal {
  readonly name: string;
  readonly claims: SocketClaims;
  /** Of an executor: whether it holds a stream when it is asked to. */
  readonly holdsStreams: boolean;

  constructor({ name }: TokenEntry, claims: SocketClaims, holdsStreams: boolean) {
    this.name = name;
    this.claims = claims;
    this.holdsStreams = holdsStreams;
  }
}

export interface HandshakeCheckParts {
  readonly stores: RelayStores;
  readonly clock: ServiceClock & Clock;
  readonly tokens: () => TokenSet;
  readonly onFailure: (error: unknown) => void;
  /** Whether the executor of a registration has room for one more harness on this node. */
  readonly hasRoom: (registrationId: string) => boolean;
  /** What the end says of itself. */
  readonly holdsStreams: boolean;
}

/** Decide on a handshake by its URL, which says what the registry allowed, and by what is still so. */
export async function checkHandshake(
  path: ServicePath,
  query: string,
  parts: HandshakeCheckParts,
): Promise<SocketPrincipal | HandshakeRejection> {
  const { stores, clock, tokens, onFailure, hasRoom, holdsStreams } = parts;
  if (path.kind !== "socket" || path.environmentId === undefined) return "unknown_route";
  const now = clock.wallNow();
  const claims = readSignedQuery(query, path.environmentId, stores.signingSecret, now);
  if ("rejection" in claims) return claims.rejection;
  const { role, registrationId, environmentId } = claims;
  const token = tokens().valid(claims.tokenId, now);
  if (token === undefined || !permits(token, role === "executor" ? "executor" : "client", environmentId)) {
    return "invalid_secret";
  }
  try {
    const registration = await inTime(clock, stores.registrations.get(environmentId), onFailure);
    if (registration?.registrationId !== registrationId) return "unexpected_executor_registration_id";
    const principal = new SocketPrincipal(token, claims, holdsStreams);
    if (role === "executor") return principal;
    const isThere =
      hasRoom(registrationId) && (await inTime(clock, stores.routes.isConnected(registrationId), onFailure));
    return isThere ? principal : "route_unavailable";
  } catch {
    return "route_unavailable";
  }
}

/** 4xx has an executor register again, and 401 has a harness ask for another URL. */
export function rejectionAnswer(rejection: HandshakeRejection): HttpAnswer {
  return {
    status: STATUSES[rejection] ?? 401,
    body: TEXTS[rejection],
    headers: { [REJECTION_HEADER]: rejection },
  };
}
