/*
 * What the protocol says stands here once more, and a test holds both equal: this is loaded inside of sandboxes, too, where no name of
 * a package leads anywhere.
 */

/** Most bytes that one whole-file read returns. */
export const MAX_READ_FILE_BYTES = 536_870_912;

/** Most bytes of one block that is read from or written to a handle. */
export const MAX_BLOCK_BYTES = 1_048_576;

/** Most file handles that one connection holds, opens in progress included. */
export const MAX_FILE_HANDLES = 128;

/** Most files and folders that one session has staged. */
export const MAX_STAGED = 128;

/** Upper bounds of what a walk may ask for. */
export const MAX_WALK_DEPTH = 64;
export const MAX_WALK_DIRECTORIES = 10_000;
export const MAX_WALK_ENTRIES = 50_000;

/** Most that the items of one walk may cost together, in bytes of the answer. */
export const MAX_WALK_RESPONSE_BYTES = 4_194_304;

/** What every item of a walk costs on top of its path and message. */
export const WALK_ITEM_OVERHEAD_BYTES = 64;

/** Bytes moved by one system call, so that an abort is noticed in between. */
export const TRANSFER_CHUNK_BYTES = 8 * 1024 * 1024;

/** Bytes that a copy moves by one system call. */
export const COPY_BLOCK_BYTES = 1024 * 1024;

/** Files of one folder that are copied at the same time. */
export const COPIES_AT_ONCE = 4;

/** Most file systems that are remembered not to share blocks between files. */
export const MAX_UNCLONABLE_DEVICES = 64;

/** Old content up to this size waits in memory while a file is overwritten in place; more of it waits on disk. */
export const MAX_KEPT_IN_MEMORY_BYTES = 64 * 1024 * 1024;

/** How long a write to a pipe or terminal waits for a reader that takes nothing. */
export const STREAM_STALL_MS = 5_000;

/** Longest path in bytes: what the system takes, without the zero byte at its end. */
export const PATH_MAX_BYTES = process.platform === "darwin" ? 1_023 : 4_095;
