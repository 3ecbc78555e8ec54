/*
 * Bounds of the app server, with their units in their names.
 */

/** Questions to clients that wait for an answer, of all threads of a server. */
export const OPEN_QUESTIONS_MAX = 16_384;
