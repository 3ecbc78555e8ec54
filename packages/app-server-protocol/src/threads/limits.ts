/** Bounds of one run. Lengths are in UTF-16 code units of text, and 64 for every value. */
export interface RunLimits {
  /**
   * What may wait for the reader. Beyond it, deltas that wait are left out: their items come whole at the end. When that is not enough,
   * the run ends with `overrun` and the turn is interrupted. Default 8 Mi.
   */
  readonly maxUnreadLength: number;
  /** Completed items that the result keeps. Beyond it the oldest are left out, and counted in `omittedItems`. Default 32 Mi. */
  readonly maxResultLength: number;
  /** Items that began and are not completed, kept to be shown with their approvals. Default 1,024. */
  readonly maxOpenItems: number;
  /**
   * Milliseconds that a turn which is over is waited for commands of it that are not: Codex before 0.169 may tell their end behind that of the
   * turn. Those that go on in the background are not waited for any longer. Default 250.
   */
  readonly lateItemsMs: number;
  /** Milliseconds to wait for the answer to the interruption of a turn. Default 10,000. */
  readonly interruptTimeoutMs: number;
}

export const RUN_LIMITS: RunLimits = {
  maxUnreadLength: 8 * 1024 * 1024,
  maxResultLength: 32 * 1024 * 1024,
  maxOpenItems: 1_024,
  lateItemsMs: 250,
  interruptTimeoutMs: 10_000,
};
