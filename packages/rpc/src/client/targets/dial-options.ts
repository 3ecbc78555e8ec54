import type { ClientCertificate } from "../../client-certificate.ts";
import type { Clock } from "../../clock.ts";

/** What a client shows a listener, and what it wants to be shown. */
export interface Credentials {
  /** The secret that a websocket listener asks for. */
  readonly token: string | undefined;
  /** Authorities that may vouch for a `wss:` listener. Default: those that the system trusts. */
  readonly ca?: string | undefined;
  /** For a `wss:` listener that asks for one. */
  readonly clientCertificate?: ClientCertificate | undefined;
}

/** What holds for one attempt to connect, whatever the target. */
export interface DialOptions extends Credentials {
  readonly connectTimeoutMs: number;
  /** Of a websocket's upgrade. */
  readonly headers: Readonly<Record<string, string>> | undefined;
  /** Whether no connection to this target has been there before. Default false. */
  readonly isFirst?: boolean | undefined;
  readonly signal: AbortSignal | undefined;
  readonly clock: Clock;
  /** Pause between pings on a websocket, milliseconds. Default 10,000. */
  readonly pingIntervalMs?: number | undefined;
  /** Silence after a ping that makes it a lost connection, milliseconds. Default 15,000. */
  readonly pongTimeoutMs?: number | undefined;
}
