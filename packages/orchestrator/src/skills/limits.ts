/** Folders below a root that are looked into: a skill lies at most so deep. */
export const ROOT_MAX_DEPTH = 6;

/** Folders of one root, itself included. */
export const ROOT_MAX_FOLDERS = 2_000;

/** Entries of one root that are looked at. */
export const ROOT_MAX_ENTRIES = 50_000;

/** Bytes of one file that says what a skill or a plugin is. */
export const CAPABILITY_FILE_MAX_BYTES = 1_048_576;

/** Such files that are read at a time. */
export const FILES_AT_ONCE = 16;

/** How long one call to the executor may take. */
export const DISCOVERY_TIMEOUT_MS = 30_000;

/** Characters of the name of a skill. */
export const SKILL_NAME_MAX_LENGTH = 64;
