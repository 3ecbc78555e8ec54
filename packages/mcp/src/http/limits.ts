/** Bytes of one message of a server: of a body in JSON, or of one event of a stream. */
export const HTTP_MESSAGE_MAX_BYTES = 16_777_216;

/** Milliseconds that telling a server of the end of its session may take. */
export const END_SESSION_TIMEOUT_MS = 2_000;

/** Milliseconds that opening a session anew may take, which the server forgot. */
export const RENEW_TIMEOUT_MS = 30_000;

/** Milliseconds before a stream that ended is opened again, at least and at most, whatever its server says. */
export const REOPEN_MIN_MS = 250;
export const REOPEN_MAX_MS = 60_000;

/** How often a stream that ended is opened again without success before it is given up. */
export const REOPEN_ATTEMPTS = 5;

/** Milliseconds that a command that prints headers may take. */
export const HEADERS_HELPER_TIMEOUT_MS = 10_000;

/** Bytes that it may print. */
export const HEADERS_HELPER_MAX_BYTES = 65_536;
