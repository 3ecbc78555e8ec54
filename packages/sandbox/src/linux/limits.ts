/** bubblewrap looks at every mount again for each one it adds: this many take about four seconds. */
export const MAX_MOUNTS = 2_000;

/** bubblewrap refuses more words than this, its own and the command's together. */
export const MAX_WRAPPER_ARGUMENTS = 9_000;

/** Files that the deny patterns of one profile may match. */
export const MAX_GLOB_MATCHES = 8_192;

/** Folder entries that are looked at, for all deny patterns of one profile together. */
export const MAX_GLOB_VISITS = 200_000;

/** Largest index of a git repository that is read for its submodules: about a million files. */
export const MAX_GIT_INDEX_BYTES = 128 * 1024 * 1024;

/** Submodules of one workspace, those in others counted, whose metadata is protected. */
export const MAX_SUBMODULES = 256;

/** Links followed on the way to one path before it counts as a loop, as in the kernel. */
export const MAX_LINKS = 40;

/** Processes and threads that a confined command may have at once; holds a fork bomb. */
export const MAX_PROCESSES = 4_096;

/** Shared memory of one sandbox, or a quarter of the machine's where that is less. Build tools and browsers use some of it. */
export const MAX_SHARED_MEMORY_BYTES = 2 * 1024 * 1024 * 1024;
