/*
 * Bounds of threads and turns, with their units in their names.
 */

/** How long an interrupted turn may take to end by itself. */
export const INTERRUPT_GRACE_MS = 10_000;
/** A thread that nobody listens to and in which nothing happens is unloaded after that. */
export const IDLE_UNLOAD_MS = 30 * 60 * 1_000;
/** The same for one that is kept nowhere. */
export const EPHEMERAL_UNLOAD_MS = 60 * 1_000;
/** Threads that are loaded at once. */
export const LOADED_THREADS_MAX = 4_096;
/** Messages that wait for a turn to take them. */
export const WAITING_INPUTS_MAX = 256;
/** Entries of a page where none are asked for, and where many are. */
export const PAGE_DEFAULT = 25;
export const PAGE_MAX = 100;
