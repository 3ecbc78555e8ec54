/** Text of the URL of a request, in characters: what other clients of HTTP take. */
export const HTTP_URL_MAX_CHARACTERS = 65_534;
/** Headers of one request, and the characters of their names and values together. */
export const HTTP_REQUEST_HEADERS_MAX = 16_384;
export const HTTP_REQUEST_HEADERS_MAX_CHARACTERS = 1_048_576;
/** Response headers of one answer, in bytes. */
export const HTTP_RESPONSE_HEADERS_MAX_BYTES = 262_144;
/** Connections to one origin at a time; further requests wait for one. */
export const HTTP_CONNECTIONS_PER_ORIGIN = 256;
/** Milliseconds for a TCP or TLS connection to be established, also where the request allows more. */
export const HTTP_CONNECT_TIMEOUT_MS = 30_000;
/** Affinity cookies kept, and bytes of name and value of one. The oldest goes first; a longer one is not kept. */
export const AFFINITY_COOKIES_MAX = 64;
export const AFFINITY_COOKIE_MAX_BYTES = 4_096;
