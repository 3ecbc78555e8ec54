/** Milliseconds in which it has to be known whether a server knows who is asking. */
export const AUTH_STATUS_TIMEOUT_MS = 5_000;

/** Milliseconds that a turn waits for servers that are starting; their tools are there from when they are ready. */
export const STARTUP_GRACE_MS = 1_000;

/** Milliseconds that is waited for servers which are started to be looked at. Each of them has less, unless its configuration says more. */
export const LOOK_GRACE_MS = 120_000;
