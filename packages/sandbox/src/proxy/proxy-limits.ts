/** Bounds of a proxy. A peer that passes one loses its connection, nothing else. */
export interface ProxyLimits {
  /** Connections at once, for each of the two ports. */
  readonly maxConnections: number;
  /** Bytes of a request's head. */
  readonly maxHeaderBytes: number;
  /** Time for a whole request head or handshake. */
  readonly handshakeTimeoutMs: number;
  /** Time to resolve and to reach a destination, all its addresses together. */
  readonly connectTimeoutMs: number;
  /** Time in which neither side sends anything. */
  readonly idleTimeoutMs: number;
}

/** The defaults. */
export const DEFAULT_PROXY_LIMITS: ProxyLimits = {
  maxConnections: 512,
  maxHeaderBytes: 16_384,
  handshakeTimeoutMs: 15_000,
  connectTimeoutMs: 30_000,
  idleTimeoutMs: 3_600_000,
};
