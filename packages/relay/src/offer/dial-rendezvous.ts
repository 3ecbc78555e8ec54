import { randomBytes } from "node:crypto";
import { HOLDS_STREAMS_HEADER, RELAY_LIMITS } from "@holdfast/relay-protocol";
import { type Clock, type FramePort, isLoopbackHost, LinkError, shownText } from "@holdfast/rpc";
import { connectWebSocket, HandshakeRefused } from "@holdfast/rpc/websocket";
import { OFFER_LIMITS } from "./limits.ts";
import type { OfferLogFields } from "./offer-log.ts";

const {
  connectTimeoutMs,
  pingIntervalMs,
  pongTimeoutMs,
  socketHighWaterBytes: highWaterBytes,
  socketLowWaterBytes: lowWaterBytes,
} = OFFER_LIMITS;
const REQUEST_ID_BYTES = 16;
const REJECTION_HEADER = "x-codex-rendezvous-rejection-reason";
/** Every other text is a stranger's. */
const REJECTION_REASONS = [
  "expired",
  "missing_role",
  "missing_expiry",
  "missing_signature",
  "missing_version",
  "missing_executor_registration_id",
  "unexpected_executor_registration_id",
  "malformed_query",
  "invalid_role",
  "invalid_expiry",
  "invalid_signature",
  "invalid_secret",
  "extra_query_param",
  "pod_draining",
  "unknown_route",
  "wrong_rendezvous_cluster",
  "route_unavailable",
];

export type Dialled =
  | { readonly kind: "open"; readonly port: FramePort }
  | {
      readonly kind: "failed";
      /** For people. */
      readonly reason: string;
      /** The relay does not know this registration any more. */
      readonly isRegistrationOver: boolean;
      readonly fields: OfferLogFields;
    };

export interface DialRendezvousOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly allowsPlaintext?: boolean | undefined;
}

/** A new id for each attempt, by which a relay's operator finds it. */
export function newRequestId(): string {
  return `req_${randomBytes(REQUEST_ID_BYTES).toString("hex")}`;
}

/** Open the socket of a registration. Never rejects. */
export async function dialRendezvous(
  url: string,
  requestId: string,
  { clock, signal, allowsPlaintext = false }: DialRendezvousOptions,
): Promise<Dialled> {
  if (isReadable(url) && !allowsPlaintext) {
    const reason =
      "the relay's URL is ws: and leads to another machine: everybody on the way could take the executor's place";
    return { kind: "failed", reason, isRegistrationOver: false, fields: { error_kind: "protocol" } };
  }
  try {
    const port = await connectWebSocket(url, {
      connectTimeoutMs,
      headers: { "x-request-id": requestId, [HOLDS_STREAMS_HEADER]: "1" },
      maxMessageBytes: RELAY_LIMITS.maxMessageBytes,
      highWaterBytes,
      lowWaterBytes,
      pingIntervalMs,
      // Of silence, the time before the ping included.
      pongTimeoutMs: pingIntervalMs + pongTimeoutMs,
      clock,
      signal,
    });
    return { kind: "open", port };
  } catch (error) {
    return failed(error);
  }
}

function isReadable(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed?.protocol === "ws:" && !isLoopbackHost(parsed.hostname);
}

function failed(error: unknown): Dialled {
  const cause = error instanceof LinkError ? error.cause : error;
  const reason = shownText(error instanceof Error ? error.message : String(error));
  if (cause instanceof HandshakeRefused) {
    const { status, headers } = cause;
    const told = headers[REJECTION_HEADER];
    const rejection_reason = REJECTION_REASONS.find((known) => known === told);
    const isRegistrationOver = status >= 400 && status <= 499;
    const fields = { error_kind: "http", http_status: status, rejection_reason };
    return { kind: "failed", reason, isRegistrationOver, fields };
  }
  return { kind: "failed", reason, isRegistrationOver: false, fields: fieldsOf(error, cause) };
}

function fieldsOf(error: unknown, cause: unknown): OfferLogFields {
  if (error instanceof LinkError && error.code === "timeout") return { error_kind: "io", io_error_kind: "timed_out" };
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
  if (code === undefined) return { error_kind: "other" };
  if (/^(?:ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code)) return { error_kind: "tls" };
  if (code.startsWith("WS_ERR") || code === "HPE_INVALID_CONSTANT") return { error_kind: "protocol" };
  return { error_kind: "io", io_error_kind: code };
}
