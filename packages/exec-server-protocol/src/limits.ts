/*
 * Every bound of the protocol, by name, with its unit in the name. The first line about each goes into the wire
 * documentation.
 */

/** Largest WebSocket frame that a peer accepts; one byte more drops the connection. */
export const FRAME_MAX_BYTES = 16_777_216;
/** Largest message made of several frames. */
export const MESSAGE_MAX_BYTES = 67_108_864;
/** JSON values in one message; the message itself and every container count. */
export const MESSAGE_MAX_JSON_VALUES = 262_144;
/** Containers within each other; the message itself counts. */
export const MESSAGE_MAX_DEPTH = 127;
/** Text of one notice that clients of every release take; those of 0.160 and later drop the connection above it. */
export const NOTICE_MAX_BYTES = 1_900_000;
/** Largest id of a message. */
export const ID_MAX = 9_223_372_036_854_775_807n;
/** Smallest id of a message. */
export const ID_MIN = -9_223_372_036_854_775_808n;

/** Output kept for each process, as raw bytes. The oldest whole chunks go first. */
export const RETAINED_OUTPUT_MAX_BYTES = 1_048_576;
/** Output kept for each process, as chunks. */
export const RETAINED_OUTPUT_MAX_CHUNKS = 50_000;
/** Raw bytes in one `process/output`. */
export const OUTPUT_CHUNK_MAX_BYTES = 8_192;
/** Accepted write ids remembered for each process. The oldest goes first. */
export const REMEMBERED_WRITE_IDS = 4_096;
/** Writes that wait for the standard input of one process. */
export const STDIN_QUEUE_MAX_WRITES = 128;
/** Height of every pseudo terminal. */
export const PTY_ROWS = 24;
/** Width of every pseudo terminal. */
export const PTY_COLUMNS = 80;
/** Connections of one session that are not closed. */
export const CONNECTIONS_MAX = 256;
/** Connections of one session that are closed and can still be read; one more and the oldest is forgotten. */
export const CLOSED_CONNECTIONS_MAX = 4_096;
/** The same in raw bytes of their output. */
export const CLOSED_CONNECTIONS_MAX_BYTES = 67_108_864;
/** Listeners of one session. */
export const LISTENERS_MAX = 32;
/** Connections to one listener that wait to be accepted; one more is reset. */
export const LISTENER_WAITING_MAX = 256;
/** Calls of `holdfast/acceptConnection` that wait at one listener; one more answers the oldest. */
export const ACCEPTS_MAX = 64;
/** Longest wait of `holdfast/acceptConnection`, in milliseconds. */
export const ACCEPT_WAIT_MAX_MS = 30_000;
/** Characters of a command line that `holdfast/listProcesses` shows. */
export const LISTED_ARGV_MAX_CHARACTERS = 1_024;
/** How long a process may take to end when it is asked to, before it is killed, milliseconds. */
export const END_GRACE_MAX_MS = 30_000;

/** Longest wait for news of another client's process, and of who has an input, in milliseconds. */
export const SHARED_WAIT_MAX_MS = 10_000;
/** Processes in one answer of `holdfast/listProcesses`. */
export const LISTED_PROCESSES_MAX = 4_096;
/** Characters of ids, command lines and folders in one answer of `holdfast/listProcesses`; the first process is always in it. */
export const LISTED_CHARACTERS_MAX = 1_048_576;
/** How long a session without a connection lives. */
export const DETACHED_SESSION_TTL_MS = 80_000;
/** How long a session without a connection lives in executors before 0.169. */
export const LEGACY_DETACHED_SESSION_TTL_MS = 30_000;
/** How long a closed process is remembered. */
export const CLOSED_PROCESS_RETENTION_MS = 80_000;

/** Largest file that `fs/readFile` reads. */
export const READ_FILE_MAX_BYTES = 536_870_912;
/** Open file handles of one connection. */
export const FILE_HANDLES_MAX = 128;

/** Longest `handleId` of `fs/open`, in bytes of UTF-8. */
export const FILE_HANDLE_ID_MAX_BYTES = 32;
/** Raw bytes of one `fs/readBlock` or `fs/writeBlock`. */
export const FILE_BLOCK_MAX_BYTES = 1_048_576;
/** Files and folders that one session has staged. */
export const STAGED_MAX = 128;
/** Longest `stageId`, in bytes of UTF-8. */
export const STAGE_ID_MAX_BYTES = 64;
/** Entries of one `holdfast/addStaged`. */
export const STAGED_ENTRIES_MAX = 4_096;
/** Folders in one `holdfast/commitStaged`. */
export const STAGED_FOLDER_MODES_MAX = 65_536;
/** Longest `keepAs` of `holdfast/stageFolder`, in bytes of UTF-8. */
export const STAGE_KEY_MAX_BYTES = 64;
/** How long a staged folder with `keepAs` is kept without a session. */
export const KEPT_STAGE_TTL_MS = 86_400_000;
/** Raw bytes of an archive that are sent ahead of what was unpacked, or read ahead of what was confirmed. */
export const ARCHIVE_WINDOW_BYTES = 16_777_216;
/** Raw bytes of one block of an archive. */
export const ARCHIVE_BLOCK_BYTES = 1_048_576;
/** Archives that one session has open. */
export const ARCHIVES_MAX = 8;
/** Longest `archiveId`, in bytes of UTF-8. */
export const ARCHIVE_ID_MAX_BYTES = 64;
/** Names of one `holdfast/openArchive`. */
export const ARCHIVE_NAMES_MAX = 65_536;
/** Patterns of one `exclude`. */
export const TREE_PATTERNS_MAX = 1_024;
/** Longest pattern of an `exclude`, in bytes of UTF-8. */
export const TREE_PATTERN_MAX_BYTES = 4_096;
/** Entries in one answer of `holdfast/listTree`. */
export const TREE_ENTRIES_MAX = 32_768;
/** Names and link targets in one answer of `holdfast/listTree`, as raw bytes. */
export const TREE_NAMES_MAX_BYTES = 4_194_304;
/** Ranges of one `holdfast/digestFiles`. */
export const DIGEST_RANGES_MAX = 4_096;
/** Bytes of one range of `holdfast/digestFiles`. */
export const DIGEST_RANGE_MAX_BYTES = 268_435_456;
/** Largest `maxDepth` of `fs/walk`. */
export const WALK_MAX_DEPTH = 64;
/** Largest `maxDirectories` of `fs/walk`. */
export const WALK_MAX_DIRECTORIES = 10_000;
/** Largest `maxEntries` of `fs/walk`. */
export const WALK_MAX_ENTRIES = 50_000;
/** Cost of one answer of `fs/walk`: the lengths of its URIs and messages, and a fixed cost for each item. */
export const WALK_RESPONSE_MAX_BYTES = 4_194_304;
/** The fixed cost of an item of `fs/walk`. */
export const WALK_ITEM_COST_BYTES = 64;
/** Paths of one `fs/watchMissing`. */
export const WATCH_MISSING_MAX_PATHS = 64;

/** Entries of one page of `holdfast/findFiles`. */
export const FIND_PAGE_MAX_ENTRIES = 8_192;
/** Lines of one page of `holdfast/searchText`. */
export const SEARCH_PAGE_MAX_MATCHES = 1_024;
/** Largest file that `holdfast/searchText` looks into. */
export const SEARCH_FILE_MAX_BYTES = 67_108_864;
/** The same where nothing else is asked for. */
export const SEARCH_FILE_DEFAULT_BYTES = 4_194_304;
/** Longest pattern of `holdfast/searchText`, in UTF-16 code units. */
export const SEARCH_PATTERN_MAX_CHARACTERS = 4_096;
/** Watches of one session. */
export const WATCHES_MAX = 32;
/** Longest `watchId`, in bytes of UTF-8. */
export const WATCH_ID_MAX_BYTES = 64;
/** Folders of one recursive watch. */
export const WATCH_MAX_FOLDERS = 8_192;
/** Paths that wait to be told of one watch; one more makes all of them an `overflow`. */
export const WATCH_MAX_WAITING_EVENTS = 8_192;
/** Events in one `holdfast/watchEvents`. */
export const WATCH_NOTICE_MAX_EVENTS = 1_024;
/** What happens to one path in this time is told once. */
export const WATCH_WINDOW_MS = 50;

/** Redirects that `http/request` follows. */
export const HTTP_REDIRECTS_MAX = 10;
/** Raw bytes in one `http/request/bodyDelta`. */
export const HTTP_BODY_DELTA_MAX_BYTES = 1_048_576;
/** Raw body bytes that a client queues over all its streams. */
export const HTTP_QUEUED_BODY_MAX_BYTES = 16_777_216;

/** Calls of one client that wait for an answer. */
export const PENDING_CALLS_MAX = 1_024;
/** Events of one process that a client keeps while an earlier one is missing. */
export const REORDER_MAX_EVENTS = 256;
/** The same in raw bytes of output. */
export const REORDER_MAX_BYTES = 1_048_576;

/** Process id under network review, as UTF-8. */
export const REVIEW_PROCESS_ID_MAX_BYTES = 256;
/** Host under network review, as UTF-8. */
export const REVIEW_HOST_MAX_BYTES = 253;
/** Reason of a decision in network review, as UTF-8. */
export const REVIEW_REASON_MAX_BYTES = 1_024;
/** Questions of one executor that wait for a decision. */
export const REVIEW_OUTSTANDING_MAX = 256;
