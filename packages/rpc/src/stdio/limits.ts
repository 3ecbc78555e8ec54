/** Bounds of a stdio port. */
export const STDIO_LIMITS = {
  /** Longest inbound line, without its end. */
  maxLineBytes: 64 * 1024 * 1024,
  /** Time a child has between SIGTERM and SIGKILL. */
  killGraceMs: 2_000,
} as const;
