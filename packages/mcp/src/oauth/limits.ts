/** Bytes of the body of an answer of an authorization server. */
export const OAUTH_BODY_MAX_BYTES = 1_048_576;

/** Milliseconds that one request to an authorization server may take, its redirects included. */
export const OAUTH_REQUEST_TIMEOUT_MS = 30_000;

/** Redirects that one request follows. */
export const OAUTH_REDIRECTS_MAX = 10;

/** Milliseconds that a user may take to sign in. */
export const LOGIN_TIMEOUT_MS = 300_000;

/** Milliseconds before its end at which a token is no longer used. */
export const TOKEN_MARGIN_MS = 30_000;

/** Milliseconds that a refresh may take, from the lock to the stored token. */
export const REFRESH_TIMEOUT_MS = 45_000;

/** Bytes of a file with credentials. */
export const CREDENTIALS_MAX_BYTES = 4_194_304;

/** Bytes of the request that a browser comes back with. */
export const CALLBACK_MAX_BYTES = 16_384;
