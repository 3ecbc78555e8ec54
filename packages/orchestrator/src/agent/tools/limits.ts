/** Milliseconds for finding out how two texts differ; then all of it is told anew. */
export const DIFF_MAX_MS = 200;

/** Most UTF-16 code units of a diff of a turn; files that do not fit are left out. */
export const TURN_DIFF_MAX_LENGTH = 4_194_304;

/** Files that a turn has changed, of which the diff of the turn is made. */
export const TURN_DIFF_MAX_FILES = 2_000;

/** Files whose changes were allowed for the session. */
export const ALLOWED_FILES_MAX = 4_096;

/** Milliseconds for the instructions of a project to be read, before a turn goes on without them. */
export const DOCS_MAX_MS = 5_000;

/** Milliseconds for an image, or another file, to be read. */
export const READ_MAX_MS = 15_000;

/** Steps of a plan, and UTF-16 code units of each. */
export const PLAN_STEPS_MAX = 200;
export const PLAN_STEP_MAX_LENGTH = 4_096;

/** Tools of servers that were allowed for the session. */
export const ALLOWED_TOOLS_MAX = 1_024;

/** UTF-16 code units of the text of one part of what a server's tool gives back. */
export const TOOL_TEXT_MAX_LENGTH = 262_144;

/** UTF-16 code units of an image in it, as base64. */
export const TOOL_IMAGE_MAX_LENGTH = 6_000_000;

/** Milliseconds that a client may take for a call of its own tool. */
export const CLIENT_TOOL_MAX_MS = 3_600_000;

/** Bytes of a text that is put before a model whole: instructions, or a skill. */
export const TEXT_FILE_MAX_BYTES = 262_144;

/** Pieces of the output of one command that are told while it runs. What comes after is told at its end. */
export const OUTPUT_DELTAS_MAX = 10_000;

/** Questions that a model asks the user at once, and answers that it offers for one. */
export const USER_QUESTIONS_MAX = 16;
export const USER_OPTIONS_MAX = 64;
