/** One message of a server, with its line: 16 MiB. A server that says more in one line is given up. */
export const MESSAGE_MAX_BYTES = 16_777_216;

/** Messages to a server that does not read its input: 16 MiB. Beyond it they are refused. */
export const UNSENT_MAX_BYTES = 16_777_216;

/** One line of a server's stderr, characters; the rest of a longer one is left out. */
export const STDERR_LINE_MAX_CHARACTERS = 8_192;

/** The end of a server's stderr that is told when it does not start, characters. */
export const STDERR_TAIL_MAX_CHARACTERS = 1_024;

/** How long a server may take to end by itself, milliseconds, before it and all that it started is killed. */
export const END_GRACE_MS = 2_000;

/** How long a process may live on when the line to its executor is lost, milliseconds. Clients that live are back before. */
export const OUTLIVES_LINE_MS = 2_000;

/** How long output may still come from what a server left running, when it itself has exited, milliseconds. */
export const EXIT_LINGER_MS = 2_000;

/** How long the news of an exit may come behind a refused write, and last words behind an exit, milliseconds. */
export const LATE_NEWS_MS = 500;

/** Pages of one listing. */
export const LIST_PAGES_MAX = 64;

/** Entries of one listing. */
export const LISTED_MAX = 16_384;

/** Questions of one server to the user that wait for an answer; one more is declined. */
export const ELICITATIONS_MAX = 16;

/** How long a question to the user waits for an answer, milliseconds; then it is cancelled. 10 minutes. */
export const ELICITATION_TIMEOUT_MS = 600_000;
