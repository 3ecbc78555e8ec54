/** How long a listener waits for whom. */
export const LISTEN_TIMES = {
  pingIntervalMs: 2_000,
  /**
   * A client that was not heard of for this long after a ping is gone, and its session can be resumed. Longer than the 10 s between the
   * pings of a client that leaves its line unread; short enough for one that gives up after 25 s.
   */
  pongTimeoutMs: 11_000,
  /** Time that clients get to end their connections by themselves at shutdown. */
  closeGraceMs: 200,
} as const;
