/** Requests after the first one that was answered with a 5xx, or not at all, where a provider does not say. */
export const REQUEST_RETRIES = 4;

/** Further streams after one that failed, where a provider does not say. */
export const STREAM_RETRIES = 5;

/** Most retries of either kind, whatever a provider says. */
export const RETRIES_MAX = 100;

/** Milliseconds before the first retry; each further one takes twice as long. */
export const RETRY_FIRST_MS = 200;

/** Part of a pause by which it is shorter or longer at random. */
export const RETRY_JITTER = 0.1;

/** Most milliseconds between two tries, also where a provider names a time: it is a failure from then on. */
export const RETRY_PAUSE_MAX_MS = 120_000;

/** Milliseconds without a byte of a stream, or of an answer, after which it counts as lost, where a provider does not say. */
export const STREAM_IDLE_MS = 300_000;

/** Most UTF-16 code units of one event of a stream, with its line ends. */
export const EVENT_MAX_LENGTH = 16_777_216;

/** Most bytes of one response. */
export const RESPONSE_MAX_BYTES = 67_108_864;

/** Most bytes of the body of a refusal that are read, and most UTF-16 code units of it that are told. */
export const REFUSAL_MAX_BYTES = 65_536;
export const REFUSAL_SHOWN_LENGTH = 2_048;
