/** Bounds of a stdio port. */
export const STDIO_LIMITS = {
  /** Longest inbound line, without its end. */
  maxLineBytes: 64 * 1024 * 1024,
  /** Time a child has between SIGTERM and SIGKILL. */
  killGraceMs: 2_000,
  /** What is kept of a child's stderr, to be told with its end. */
  stderrTailCharacters: 1_024,
  /** What a far end may print before it speaks. */
  bannerMaxBytes: 64 * 1024,
  /** How long to wait for the rest of it once the child is gone: somebody else may hold it open. */
  stderrTailWaitMs: 100,
  /** How long a far end may take nothing at all of what is queued for it at the end, before that is given up. */
  stuckMs: 5_000,
  /** Longest line of what is said before the first frame. */
  openingLineMaxBytes: 64 * 1024,
} as const;
