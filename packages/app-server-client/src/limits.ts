// Bounds that belong to the protocol are stated there, once.
export { COMMAND_TIMEOUT_DEFAULT_MS } from "@holdfast/app-server-protocol";

/** Default wait for the connection itself (TCP and websocket handshake, or start of a child), milliseconds. */
export const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Silence after a ping that makes a websocket a lost connection, milliseconds. Long: servers answer no ping while they work on a large message, which
 * takes 0.144.6 some seconds for every 10 MiB.
 */
export const PONG_TIMEOUT_MS = 60_000;

/** Default wait for the answer to `initialize`, milliseconds. A server that migrates its state at the first start takes a while. */
export const INITIALIZE_TIMEOUT_MS = 30_000;

/** Default wait for the answer to a call, milliseconds: servers that are overloaded leave some without one. */
export const CALL_TIMEOUT_MS = 60_000;

/** The same for calls that are answered only when another program, a download or a far service is done, milliseconds: ten minutes. */
export const LONG_CALL_TIMEOUT_MS = 600_000;

/**
 * Calls in flight on a connection, and urgent ones beyond them. Servers queue 128 messages and answer what comes on top with "overloaded",
 * or not at all.
 */
export const CALLS_IN_FLIGHT = { maxPendingCalls: 96, maxUrgentCalls: 32 };

/** Pause before a call is repeated that the server was too busy for, milliseconds; it doubles up to the second one. */
export const OVERLOAD_BACKOFF = { firstMs: 50, maxMs: 5_000 };

/** Default time from the loss of a connection until the client is given up, milliseconds. */
export const RECOVERY_DEADLINE_MS = 45_000;

/** Default pause between two attempts to reconnect, milliseconds; it doubles up to the second one. */
export const RECOVERY_BACKOFF = { firstMs: 100, maxMs: 2_000 };

/** Wait for the answer to one `thread/resume` or `fs/watch` after a reconnect, milliseconds. */
export const RESUBSCRIBE_TIMEOUT_MS = 10_000;

/** Such calls in flight at a time. */
export const RESUBSCRIBE_CONCURRENCY = 4;

/** Time that a server which is a child gets to end by itself once its input is closed, before SIGTERM, milliseconds. */
export const CHILD_CLOSE_GRACE_MS = 2_000;

/** Notices that wait for the reader of `notices()` at which the connection is held, and at which it goes on. */
export const NOTICES_WAITING = { high: 256, low: 64 };
