/** Response headers of one answer, in bytes. */
export const HTTP_RESPONSE_HEADERS_MAX_BYTES = 262_144;
/** Connections to one origin at a time; further requests wait for one. */
export const HTTP_CONNECTIONS_PER_ORIGIN = 256;
/** Milliseconds for a TCP or TLS connection to come about, whatever the request allows. */
export const HTTP_CONNECT_TIMEOUT_MS = 30_000;
/** Affinity cookies kept, and bytes of name and value of one. The oldest goes first; a longer one is not kept. */
export const AFFINITY_COOKIES_MAX = 64;
export const AFFINITY_COOKIE_MAX_BYTES = 4_096;
