/** Milliseconds in which it has to be known whether a server knows who is asking. */
export const AUTH_STATUS_TIMEOUT_MS = 5_000;

/** Milliseconds at most that a turn waits for the servers of its thread, beyond what each of them may take. */
export const STARTUP_GRACE_MAX_MS = 120_000;
