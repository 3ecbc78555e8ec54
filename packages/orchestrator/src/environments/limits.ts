/** Milliseconds to wait for a connection, where nothing else is said. */
export const CONNECT_TIMEOUT_MS = 10_000;
/** Milliseconds to wait for the answer to `initialize`, where nothing else is said. */
export const INITIALIZE_TIMEOUT_MS = 10_000;
/** Milliseconds between two looks at an environment that was registered anew, whether anything still runs there. */
export const RETIRED_CHECK_MS = 1_000;
/** Bytes of an environment's id in a file. */
export const ENVIRONMENT_ID_MAX_BYTES = 64;
/** Milliseconds that an environment waits for the URL that it was registered without. */
export const PENDING_URL_TIMEOUT_MS = 600_000;
/** Bytes of an `environments.toml`. */
export const ENVIRONMENTS_FILE_MAX_BYTES = 1_048_576;
