/** Threads for whole trees. Each is there while it has work, and for a while after. */
export const TREE_THREADS_MAX = 4;

/** How long a thread waits for more work. It takes some ten megabytes, and 30 ms to start. */
export const TREE_THREAD_IDLE_MS = 5_000;

/** Memory of one thread, in megabytes. */
export const TREE_THREAD_MEMORY_MB = 512;

/** Folders of a path that are held open, so that what lies in them is reached at once. */
export const FOLDERS_HELD_MAX = 64;

/** Folders of one archive whose permission bits and times are set at its end. */
export const ARCHIVE_FOLDERS_MAX = 500_000;

/** Files of one archive that have other names: they become hard links. */
export const ARCHIVE_LINKED_FILES_MAX = 500_000;

/** Bytes that a session has sent ahead for all its staged folders. */
export const SENT_AHEAD_MAX_BYTES = 67_108_864;

/** Blocks of an archive that are read ahead of what was asked for. */
export const BLOCKS_READ_AHEAD = 2;

/** How long one `holdfast/digestFiles` goes on. */
export const DIGEST_STRETCH_MS = 1_000;

/** Bytes that one call into the system reads for a digest. */
export const DIGEST_READ_BYTES = 1_048_576;
