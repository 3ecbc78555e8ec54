/** What clients keep to, whatever the API. */
export const CLIENT_LIMITS = {
  /** Largest message accepted from the far end: 256 MiB, a file of some 190 MiB in one piece. */
  maxInboundMessageBytes: 268_435_456,
  /** Pause between pings on a websocket, milliseconds. */
  pingIntervalMs: 10_000,
  /** Silence after a ping, without a single byte, that makes a websocket a lost connection, milliseconds. */
  pongTimeoutMs: 15_000,
  /** Calls that wait while there is no line; as many as a line lets wait. */
  maxWaitingCalls: 65_536,
} as const;
