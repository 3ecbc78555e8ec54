// What the protocol says, from an entry that loads nothing else: helpers inside of a sandbox read files, too.
export {
  FILE_BLOCK_MAX_BYTES as MAX_BLOCK_BYTES,
  FILE_HANDLES_MAX as MAX_FILE_HANDLES,
  READ_FILE_MAX_BYTES as MAX_READ_FILE_BYTES,
  STAGED_MAX as MAX_STAGED,
  WALK_ITEM_COST_BYTES as WALK_ITEM_OVERHEAD_BYTES,
  WALK_MAX_DEPTH as MAX_WALK_DEPTH,
  WALK_MAX_DIRECTORIES as MAX_WALK_DIRECTORIES,
  WALK_MAX_ENTRIES as MAX_WALK_ENTRIES,
  WALK_RESPONSE_MAX_BYTES as MAX_WALK_RESPONSE_BYTES,
} from "@holdfast/exec-server-protocol/limits";

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
