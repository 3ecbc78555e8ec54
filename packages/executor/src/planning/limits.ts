/** Entries of a profile up to which it is planned at once: more keep the event loop for too long. */
export const MAX_ENTRIES_AT_ONCE = 128;

/** The same for deny patterns: each is held against every file that is looked at. */
export const MAX_GLOBS_AT_ONCE = 8;

/** The same for the characters of all paths and patterns together. */
export const MAX_PATH_CHARACTERS_AT_ONCE = 16_384;

/** Looks at the disk after which a plan that was begun at once is made elsewhere. Some microseconds each. */
export const MAX_LOOKS_AT_ONCE = 2_000;

/** How long one plan may take that is made elsewhere. */
export const PLAN_PATIENCE_MS = 10_000;

/** Plans that may wait for others. */
export const MAX_WAITING_PLANS = 256;

/** How long the thread waits for another plan. It takes some ten megabytes, and 50 ms to start. */
export const THREAD_IDLE_MS = 5_000;

/** Memory of the thread, in megabytes. */
export const THREAD_MEMORY_MB = 512;
