import * as limits from "./limits.ts";

/** A bound of the protocol: who keeps it, and what each implementation keeps. */
export interface LimitRow {
  /** The side whose bound it is; `both`: each refuses what is beyond it. */
  readonly keeper: "client" | "executor" | "both";
  /** What the reference keeps. Null: it has no such bound. */
  readonly reference: number | bigint | null;
  /** What this project keeps. Null: it has no such bound, or leaves out what it would bound. */
  readonly holdfast: number | bigint | null;
}

type Keeper = LimitRow["keeper"];

/** Kept by every implementation. */
function shared<Value extends number | bigint>(keeper: Keeper, value: Value) {
  return { keeper, reference: value, holdfast: value } as const;
}

/** Of a method of the extension, or of what this project leaves out. */
function only<Whose extends "reference" | "holdfast">(whose: Whose, keeper: Keeper, value: number): LimitRow {
  return { keeper, reference: null, holdfast: null, [whose]: value };
}

/** Whose each bound of `limits.ts` is. Where the two differ, a peer can count on the smaller one only. */
export const LIMITS = {
  // A message is as long as it is, however it is framed; what is sent is cut into frames that everybody takes.
  FRAME_MAX_BYTES: { keeper: "both", reference: limits.FRAME_MAX_BYTES, holdfast: limits.MESSAGE_MAX_BYTES },
  MESSAGE_MAX_BYTES: shared("both", limits.MESSAGE_MAX_BYTES),
  MESSAGE_MAX_JSON_VALUES: shared("executor", limits.MESSAGE_MAX_JSON_VALUES),
  MESSAGE_MAX_DEPTH: shared("executor", limits.MESSAGE_MAX_DEPTH),
  NOTICE_MAX_BYTES: only("reference", "client", limits.NOTICE_MAX_BYTES),
  ID_MAX: shared("both", limits.ID_MAX),
  ID_MIN: shared("both", limits.ID_MIN),
  RETAINED_OUTPUT_MAX_BYTES: shared("executor", limits.RETAINED_OUTPUT_MAX_BYTES),
  RETAINED_OUTPUT_MAX_CHUNKS: shared("executor", limits.RETAINED_OUTPUT_MAX_CHUNKS),
  // A pipe gives 65,536 bytes at once; clients take up to NOTICE_MAX_BYTES.
  OUTPUT_CHUNK_MAX_BYTES: { keeper: "executor", reference: limits.OUTPUT_CHUNK_MAX_BYTES, holdfast: 65_536 },
  REMEMBERED_WRITE_IDS: shared("executor", limits.REMEMBERED_WRITE_IDS),
  // As many more may wait as their bytes allow; see the executor's own limits.
  STDIN_QUEUE_MAX_WRITES: { keeper: "executor", reference: limits.STDIN_QUEUE_MAX_WRITES, holdfast: 2_048 },
  PTY_ROWS: shared("executor", limits.PTY_ROWS),
  PTY_COLUMNS: shared("executor", limits.PTY_COLUMNS),
  CONNECTIONS_MAX: only("holdfast", "executor", limits.CONNECTIONS_MAX),
  CLOSED_CONNECTIONS_MAX: only("holdfast", "executor", limits.CLOSED_CONNECTIONS_MAX),
  CLOSED_CONNECTIONS_MAX_BYTES: only("holdfast", "executor", limits.CLOSED_CONNECTIONS_MAX_BYTES),
  LISTENERS_MAX: only("holdfast", "executor", limits.LISTENERS_MAX),
  LISTENER_WAITING_MAX: only("holdfast", "executor", limits.LISTENER_WAITING_MAX),
  ACCEPTS_MAX: only("holdfast", "executor", limits.ACCEPTS_MAX),
  ACCEPT_WAIT_MAX_MS: only("holdfast", "executor", limits.ACCEPT_WAIT_MAX_MS),
  LISTED_ARGV_MAX_CHARACTERS: only("holdfast", "executor", limits.LISTED_ARGV_MAX_CHARACTERS),
  END_GRACE_MAX_MS: only("holdfast", "executor", limits.END_GRACE_MAX_MS),
  SHARED_WAIT_MAX_MS: only("holdfast", "executor", limits.SHARED_WAIT_MAX_MS),
  LISTED_PROCESSES_MAX: only("holdfast", "executor", limits.LISTED_PROCESSES_MAX),
  LISTED_CHARACTERS_MAX: only("holdfast", "executor", limits.LISTED_CHARACTERS_MAX),
  // A client may need 80 s and more to find its way back.
  DETACHED_SESSION_TTL_MS: { keeper: "executor", reference: limits.DETACHED_SESSION_TTL_MS, holdfast: 120_000 },
  LEGACY_DETACHED_SESSION_TTL_MS: only("reference", "executor", limits.LEGACY_DETACHED_SESSION_TTL_MS),
  CLOSED_PROCESS_RETENTION_MS: { keeper: "executor", reference: limits.CLOSED_PROCESS_RETENTION_MS, holdfast: 120_000 },
  READ_FILE_MAX_BYTES: shared("executor", limits.READ_FILE_MAX_BYTES),
  FILE_HANDLES_MAX: shared("executor", limits.FILE_HANDLES_MAX),
  FILE_HANDLE_ID_MAX_BYTES: shared("executor", limits.FILE_HANDLE_ID_MAX_BYTES),
  FILE_BLOCK_MAX_BYTES: shared("executor", limits.FILE_BLOCK_MAX_BYTES),
  STAGED_MAX: only("holdfast", "executor", limits.STAGED_MAX),
  STAGE_ID_MAX_BYTES: only("holdfast", "executor", limits.STAGE_ID_MAX_BYTES),
  STAGED_ENTRIES_MAX: only("holdfast", "executor", limits.STAGED_ENTRIES_MAX),
  STAGED_FOLDER_MODES_MAX: only("holdfast", "executor", limits.STAGED_FOLDER_MODES_MAX),
  STAGE_KEY_MAX_BYTES: only("holdfast", "executor", limits.STAGE_KEY_MAX_BYTES),
  KEPT_STAGE_TTL_MS: only("holdfast", "executor", limits.KEPT_STAGE_TTL_MS),
  ARCHIVE_WINDOW_BYTES: only("holdfast", "executor", limits.ARCHIVE_WINDOW_BYTES),
  ARCHIVE_BLOCK_BYTES: only("holdfast", "executor", limits.ARCHIVE_BLOCK_BYTES),
  ARCHIVES_MAX: only("holdfast", "executor", limits.ARCHIVES_MAX),
  ARCHIVE_ID_MAX_BYTES: only("holdfast", "executor", limits.ARCHIVE_ID_MAX_BYTES),
  ARCHIVE_NAMES_MAX: only("holdfast", "executor", limits.ARCHIVE_NAMES_MAX),
  TREE_PATTERNS_MAX: only("holdfast", "executor", limits.TREE_PATTERNS_MAX),
  TREE_PATTERN_MAX_BYTES: only("holdfast", "executor", limits.TREE_PATTERN_MAX_BYTES),
  TREE_ENTRIES_MAX: only("holdfast", "executor", limits.TREE_ENTRIES_MAX),
  TREE_NAMES_MAX_BYTES: only("holdfast", "executor", limits.TREE_NAMES_MAX_BYTES),
  DIGEST_RANGES_MAX: only("holdfast", "executor", limits.DIGEST_RANGES_MAX),
  DIGEST_RANGE_MAX_BYTES: only("holdfast", "executor", limits.DIGEST_RANGE_MAX_BYTES),
  WALK_MAX_DEPTH: shared("executor", limits.WALK_MAX_DEPTH),
  WALK_MAX_DIRECTORIES: shared("executor", limits.WALK_MAX_DIRECTORIES),
  WALK_MAX_ENTRIES: shared("executor", limits.WALK_MAX_ENTRIES),
  WALK_RESPONSE_MAX_BYTES: shared("executor", limits.WALK_RESPONSE_MAX_BYTES),
  WALK_ITEM_COST_BYTES: shared("executor", limits.WALK_ITEM_COST_BYTES),
  WATCH_MISSING_MAX_PATHS: shared("executor", limits.WATCH_MISSING_MAX_PATHS),
  FIND_PAGE_MAX_ENTRIES: only("holdfast", "executor", limits.FIND_PAGE_MAX_ENTRIES),
  SEARCH_PAGE_MAX_MATCHES: only("holdfast", "executor", limits.SEARCH_PAGE_MAX_MATCHES),
  SEARCH_FILE_MAX_BYTES: only("holdfast", "executor", limits.SEARCH_FILE_MAX_BYTES),
  SEARCH_FILE_DEFAULT_BYTES: only("holdfast", "executor", limits.SEARCH_FILE_DEFAULT_BYTES),
  SEARCH_PATTERN_MAX_CHARACTERS: only("holdfast", "executor", limits.SEARCH_PATTERN_MAX_CHARACTERS),
  WATCHES_MAX: only("holdfast", "executor", limits.WATCHES_MAX),
  WATCH_ID_MAX_BYTES: only("holdfast", "executor", limits.WATCH_ID_MAX_BYTES),
  WATCH_MAX_FOLDERS: only("holdfast", "executor", limits.WATCH_MAX_FOLDERS),
  WATCH_MAX_WAITING_EVENTS: only("holdfast", "executor", limits.WATCH_MAX_WAITING_EVENTS),
  WATCH_NOTICE_MAX_EVENTS: only("holdfast", "executor", limits.WATCH_NOTICE_MAX_EVENTS),
  WATCH_WINDOW_MS: only("holdfast", "executor", limits.WATCH_WINDOW_MS),
  HTTP_REDIRECTS_MAX: shared("executor", limits.HTTP_REDIRECTS_MAX),
  HTTP_BODY_DELTA_MAX_BYTES: shared("executor", limits.HTTP_BODY_DELTA_MAX_BYTES),
  HTTP_QUEUED_BODY_MAX_BYTES: shared("client", limits.HTTP_QUEUED_BODY_MAX_BYTES),
  PENDING_CALLS_MAX: shared("client", limits.PENDING_CALLS_MAX),
  REORDER_MAX_EVENTS: shared("client", limits.REORDER_MAX_EVENTS),
  REORDER_MAX_BYTES: shared("client", limits.REORDER_MAX_BYTES),
  REVIEW_PROCESS_ID_MAX_BYTES: only("reference", "executor", limits.REVIEW_PROCESS_ID_MAX_BYTES),
  REVIEW_HOST_MAX_BYTES: only("reference", "executor", limits.REVIEW_HOST_MAX_BYTES),
  REVIEW_REASON_MAX_BYTES: only("reference", "executor", limits.REVIEW_REASON_MAX_BYTES),
  REVIEW_OUTSTANDING_MAX: only("reference", "executor", limits.REVIEW_OUTSTANDING_MAX),
} as const satisfies { readonly [Name in keyof typeof limits]: LimitRow };
