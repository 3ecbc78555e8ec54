/** Files of one name that are tried to be run: each costs a process. */
export const MAX_START_ATTEMPTS = 32;

/** One word of a command line, or one `NAME=value`, with the zero byte at its end: what Linux takes. */
export const MAX_ARGUMENT_BYTES = 131_072;

/** Command line and environment together, a pointer for each word included: what Linux takes at the very most. */
export const MAX_ARGUMENTS_BYTES = 6 * 1_048_576;
