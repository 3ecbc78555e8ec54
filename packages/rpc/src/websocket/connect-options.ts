import type { ClientCertificate } from "../client-certificate.ts";
import type { Clock } from "../clock.ts";

/** Options of `connectWebSocket`. */
export interface ConnectWebSocketOptions {
  /** Milliseconds until the handshake must be done. Default 10,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** Stops the attempt; without effect once connected. */
  readonly signal?: AbortSignal | undefined;
  /** Headers of the upgrade request, e.g. `Authorization`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * Certificates in PEM of the authorities that may vouch for a `wss:` listener, in place of those that the system or Node trusts. Not in a
   * browser. Default: those.
   */
  readonly ca?: string | undefined;
  /** Certificate and private key in PEM that are shown to a `wss:` listener that asks for one. Not in a browser. Default: none. */
  readonly clientCertificate?: ClientCertificate | undefined;
  /** Secret by which the listener knows who may connect: as `Authorization: Bearer`, from a browser as a subprotocol. */
  readonly token?: string | undefined;
  /** Largest single inbound frame. Default: as `maxMessageBytes`. */
  readonly maxFrameBytes?: number | undefined;
  /** Largest inbound message. Default 64 MiB. */
  readonly maxMessageBytes?: number | undefined;
  /** Default 4 MiB. */
  readonly highWaterBytes?: number | undefined;
  /** Default 1 MiB, or a quarter of `highWaterBytes` if that is less. */
  readonly lowWaterBytes?: number | undefined;
  /** Milliseconds between own pings. Default: none are sent. */
  readonly pingIntervalMs?: number | undefined;
  /** Milliseconds of silence after a ping that end the connection with initiator `fault`. Default: no limit. */
  readonly pongTimeoutMs?: number | undefined;
  readonly clock?: Clock | undefined;
}
