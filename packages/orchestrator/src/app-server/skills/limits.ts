/** Working folders that one listing may be about. */
export const SKILL_FOLDERS_MAX = 64;

/** Working folders whose skills are kept. */
export const SKILL_LISTS_MAX = 64;

/** Folders of skills that a client may add. */
export const EXTRA_ROOTS_MAX = 64;

/** Folders of skills that are watched for changes. */
export const SKILL_WATCHES_MAX = 128;

/** Milliseconds that skills are looked for. */
export const SKILLS_TIMEOUT_MS = 30_000;
