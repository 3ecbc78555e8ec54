import type { Clock } from "@holdfast/rpc";

/** What holds for one attempt to connect, whatever the target. */
export interface DialOptions {
  readonly connectTimeoutMs: number;
  /** Of a websocket's upgrade. */
  readonly headers: Readonly<Record<string, string>> | undefined;
  /** The secret that a websocket listener asks for. */
  readonly token: string | undefined;
  readonly signal: AbortSignal | undefined;
  readonly clock: Clock;
  /** Pause between pings on a websocket, milliseconds. Default 10,000. */
  readonly pingIntervalMs?: number | undefined;
}
