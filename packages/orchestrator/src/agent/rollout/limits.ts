/*
 * Bounds of what is read of the files of threads, with their units in their names.
 */

/** A line that is longer is passed over, whatever stands in it. */
export const LINE_MAX_BYTES = 256 * 1024 * 1024;
/** What is read of a file at once. */
export const READ_CHUNK_BYTES = 256 * 1024;
/** Of a file, from its start, what is read to list it. */
export const HEAD_MAX_BYTES = 4 * 1024 * 1024;
/** The conversation of a thread, as it is sent to a model: a file with more is not loaded. */
export const HISTORY_MAX_BYTES = 512 * 1024 * 1024;
/** Items of one answer. */
export const ITEMS_MAX_BYTES = 64 * 1024 * 1024;
/** Forks of forks. */
export const BASES_MAX = 64;
/** First words of a thread, in a list. */
export const PREVIEW_MAX_CHARACTERS = 4_096;
