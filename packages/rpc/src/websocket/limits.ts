const MIB = 1024 * 1024;

/** Bounds of a websocket port and of a listener. */
export const WEBSOCKET_LIMITS = {
  /** Largest single frame that is sent: what is longer goes in fragments. Some peers take no larger one, in however large a message. */
  maxSentFrameBytes: 16 * MIB,
  /** Largest message, whole or in fragments. */
  maxMessageBytes: 64 * MIB,
  /** Websockets a listener serves at once; one more is answered 503. */
  maxConnections: 1_024,
  /** TCP connections that are in the middle of a request or handshake; one more ends the oldest of them. */
  maxHalfOpen: 256,
  /** Time a client has to send its request's head, and the listener to decide on it. */
  handshakeTimeoutMs: 10_000,
  /** Time the far end has to answer a close frame. */
  closeTimeoutMs: 5_000,
  /** Time a listener that closes leaves its connections to end by themselves. */
  closeGraceMs: 2_000,
  /** Interval of a listener's pings. */
  pingIntervalMs: 30_000,
  /** Time a client waits for the handshake to finish. */
  connectTimeoutMs: 10_000,
  /** Bytes that are kept for a reader that paused, where the platform can not stop reading; beyond them the line ends. */
  maxUnreadBytes: 64 * MIB,
  /** Pause between questions to a far end where the platform sends no pings. */
  askIntervalMs: 20_000,
  /** Silence that ends such a line: longer than elsewhere, because there only whole messages show. */
  askedSilenceMs: 60_000,
  /** Bytes that a client reads of a refusal. */
  maxRefusalBytes: 1_024,
  /** Time a client waits for the text of a refusal, once it has the refusal. */
  refusalTimeoutMs: 1_000,
} as const;
