/** Bytes of a patch, in UTF-8. */
export const PATCH_MAX_BYTES = 8_388_608;

/** Bytes of one file that is updated or replaced. It is in memory while the patch is applied, before and after. */
export const PATCHED_FILE_MAX_BYTES = 33_554_432;

/** Lines of one file that is updated: each takes more memory than its bytes. */
export const PATCHED_FILE_MAX_LINES = 1_000_000;

/** The same, of all files of a patch together. */
export const PATCHED_FILES_MAX_BYTES = 268_435_456;

/** Lines of files that are compared for one patch: about a second. A patch of usual size compares thousands. */
export const COMPARED_LINES_MAX = 50_000_000;

/** Calls about files that are under way at a time. */
export const CALLS_AT_ONCE = 64;

/** How long one call may take before a patch begins to be put in place. */
export const LOOK_TIMEOUT_MS = 60_000;

/** How long one call may take that puts something in place, or back. Nothing else ends it then. */
export const COMMIT_TIMEOUT_MS = 120_000;

/** Paths that one patch may name. */
export const PATCHED_FILES_MAX = 10_000;
