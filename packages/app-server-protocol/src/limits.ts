/*
 * Every bound of the protocol, by name, with its unit in the name. The first line about each goes into the wire
 * documentation.
 */

/** Containers within each other; the message itself counts. */
export const MESSAGE_MAX_DEPTH = 127;
/** JSON values in one message; the message itself and every container count. */
export const MESSAGE_MAX_JSON_VALUES = 1_048_576;
/** Largest message. */
export const MESSAGE_MAX_BYTES = 67_108_864;
/** Largest id of a message. */
export const ID_MAX = 9_223_372_036_854_775_807n;
/** Smallest id of a message. */
export const ID_MIN = -9_223_372_036_854_775_808n;
/** Requests that wait at a server; one more is answered `Overloaded`, or not at all. */
export const WAITING_REQUESTS_MAX = 128;
/** Requests of one connection that are not answered yet; one more is answered `Overloaded`. */
export const RUNNING_REQUESTS_MAX = 1_024;
/** Bytes that wait for a client that does not read; with more its connection is closed. */
export const UNREAD_BYTES_MAX = 67_108_864;
/** Characters of the text of one turn. */
export const TURN_INPUT_MAX_CHARACTERS = 1_048_576;
/** Raw bytes of each of stdout and stderr that `command/exec` and `process/spawn` keep where nothing else is asked for. */
export const COMMAND_OUTPUT_DEFAULT_BYTES = 1_048_576;
/** How long `command/exec` and `process/spawn` run where nothing else is asked for. */
export const COMMAND_TIMEOUT_DEFAULT_MS = 10_000;
/** Writes that wait for the standard input of one command. */
export const STDIN_QUEUE_MAX_WRITES = 32;
/** Height of a pseudo terminal where nothing else is asked for. */
export const PTY_ROWS = 24;
/** Width of the same. */
export const PTY_COLUMNS = 80;
/** Term of `thread/search/stream`, in bytes of UTF-8. */
export const SEARCH_TERM_MAX_BYTES = 65_536;
/** Threads that `thread/list` may be asked for by id. */
export const INCLUDED_THREADS_MAX = 100;
