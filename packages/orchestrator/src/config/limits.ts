/** Bytes of a configuration file: what is longer is no text that somebody wrote. */
export const CONFIG_FILE_MAX_BYTES = 4_194_304;

/** Changes of one write. */
export const CONFIG_EDITS_MAX = 1_024;

/** Names in one path to a member, and tables within each other in one value. */
export const CONFIG_DEPTH_MAX = 64;

/** Folders from a project's root to its working folder in which configuration is looked for. */
export const PROJECT_FOLDERS_MAX = 64;
