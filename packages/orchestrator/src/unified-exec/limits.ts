/** Milliseconds that `exec_command` waits by default before it tells of a command that runs on. */
export const EXEC_YIELD_MS = 10_000;

/** The same for `write_stdin` with something to write. */
export const WRITE_YIELD_MS = 250;

/** Least and most milliseconds of both. */
export const YIELD_MIN_MS = 250;
export const YIELD_MAX_MS = 30_000;

/** Least milliseconds on an executor with Windows, whose shells take seconds to begin. */
export const WINDOWS_YIELD_MIN_MS = 10_000;

/** Least and most milliseconds of `write_stdin` with nothing to write, which waits for a command in the background. */
export const POLL_MIN_MS = 5_000;
export const POLL_MAX_MS = 300_000;

/** Milliseconds that a process is given, besides the wait, to react to what was written to it. */
export const REACTION_MS = 100;

/** Milliseconds after an exit for output that is still on its way; descendants may hold the streams open for ever. */
export const EXIT_GRACE_MS = 50;

/** Output that is kept of a process between two looks at it, half of it from the beginning, half from the end: 1 MiB. */
export const RETAINED_OUTPUT_MAX_BYTES = 1_048_576;

/** Default for how much output one result has, in tokens. */
export const OUTPUT_TOKENS = 10_000;

/** What one token is taken for, in bytes of UTF-8. */
export const TOKEN_BYTES = 4;

/** Most tokens that one result can have: what is kept. */
export const OUTPUT_MAX_TOKENS = RETAINED_OUTPUT_MAX_BYTES / TOKEN_BYTES;

/** Commands that are kept under a number. One more ends another. */
export const STORED_PROCESSES_MAX = 64;

/** Of these, those that were used last and are never ended to make room. */
export const PROTECTED_PROCESSES = 8;

/** Commands that somebody waits for are not ended for others; of so many at a time, one more is refused. */
export const PROCESSES_MAX = 256;

/** Commands that have exited, while what they left in the background still holds their output. Of more, the oldest is ended. */
export const LINGERING_PROCESSES_MAX = 64;

/** Milliseconds to wait, when all commands are ended, for those that are being started, so that they are ended too. */
export const STARTING_MAX_MS = 2_000;

/** Numbers of commands. */
export const PROCESS_ID_MIN = 1_000;
export const PROCESS_ID_MAX = 99_999;

/** Milliseconds for an answer to a request for approval; without one, the command is not run. */
export const APPROVAL_TIMEOUT_MS = 600_000;

/** Commands that are remembered as approved for the session; of more, the oldest is asked for again. */
export const APPROVED_COMMANDS_MAX = 1_024;

/** Tokens of the output of a denied command that a request for approval shows. */
export const DENIED_OUTPUT_MAX_TOKENS = 1_024;
