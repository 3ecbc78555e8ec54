/** Milliseconds without output after an exit, after which what may still hold a stream open is not waited for. Each piece of output starts them anew. */
export const DRAIN_QUIET_MS = 50;

/** Milliseconds after an exit in which output counts, however much more is written. */
export const DRAIN_MAX_MS = 2_000;

/** Pieces of output of one stream that have arrived already when {@link DRAIN_MAX_MS} are over, and still count. */
export const DRAIN_READY_CHUNKS = 256;

/** Bytes of one stream that wait here to be told to a client. More than that stays with the process. */
export const ARRIVED_MAX_BYTES = 1_048_576;

/** Most bytes of output in one notice. */
export const DELTA_MAX_BYTES = 65_536;

/** Exit code of what was ended because its time was over. */
export const EXIT_TIMED_OUT = 124;

/** Milliseconds that a process may go on when the connection to its executor is lost, or this program was killed. */
export const DETACHED_MAX_MS = 60_000;

/** Most bytes of one stream that are kept for one answer, which has to fit into a message. */
export const KEPT_MAX_BYTES = 16_777_216;
