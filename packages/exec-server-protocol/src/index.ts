export {
  Base64Bytes,
  base64Problem,
  bytesOfBase64,
  decodeBase64,
  type FrameOrigin,
  type Inbound,
  InvalidMessageError,
  isBase64,
  isInvalidMessageError,
  type OutboundCall,
  type OutboundFrame as EncodedFrame,
  type OutboundNotice,
  type RpcId,
  type Validated,
  validate,
  type WireFault,
} from "@holdfast/protocol-kit";
export type { ExecServerCodec, TraceContext } from "./codec.ts";
export { createExecServerCodec, type ExecServerCodecOptions, execServerCodec, MALFORMED_ID } from "./envelope.ts";
export { ERROR_CODES, ERRORS, type ErrorCode, type ErrorName, errorNameOf } from "./errors.ts";
export { EXECUTOR_SHUTDOWN } from "./executor-shutdown.ts";
export type { ClientNotices, ClientRequests, ServerNotices, ServerRequests } from "./gen/stub-types.gen.ts";
export { METHOD_SCHEMAS } from "./gen/zod.gen.ts";
export { LIMITS, type LimitRow } from "./limit-table.ts";
export {
  CLOSED_PROCESS_RETENTION_MS,
  DETACHED_SESSION_TTL_MS,
  FILE_BLOCK_MAX_BYTES,
  FILE_HANDLE_ID_MAX_BYTES,
  FILE_HANDLES_MAX,
  FRAME_MAX_BYTES,
  HTTP_BODY_DELTA_MAX_BYTES,
  HTTP_QUEUED_BODY_MAX_BYTES,
  HTTP_REDIRECTS_MAX,
  ID_MAX,
  ID_MIN,
  LEGACY_DETACHED_SESSION_TTL_MS,
  MESSAGE_MAX_BYTES,
  MESSAGE_MAX_DEPTH,
  MESSAGE_MAX_JSON_VALUES,
  NOTICE_MAX_BYTES,
  OUTPUT_CHUNK_MAX_BYTES,
  PENDING_CALLS_MAX,
  PTY_COLUMNS,
  PTY_ROWS,
  READ_FILE_MAX_BYTES,
  REMEMBERED_WRITE_IDS,
  REORDER_MAX_BYTES,
  REORDER_MAX_EVENTS,
  RETAINED_OUTPUT_MAX_BYTES,
  RETAINED_OUTPUT_MAX_CHUNKS,
  REVIEW_HOST_MAX_BYTES,
  REVIEW_OUTSTANDING_MAX,
  REVIEW_PROCESS_ID_MAX_BYTES,
  REVIEW_REASON_MAX_BYTES,
  STAGE_ID_MAX_BYTES,
  STAGED_ENTRIES_MAX,
  STAGED_FOLDER_MODES_MAX,
  STAGED_MAX,
  STDIN_QUEUE_MAX_WRITES,
  WALK_ITEM_COST_BYTES,
  WALK_MAX_DEPTH,
  WALK_MAX_DIRECTORIES,
  WALK_MAX_ENTRIES,
  WALK_RESPONSE_MAX_BYTES,
  WATCH_MISSING_MAX_PATHS,
} from "./limits.ts";
export { METHODS, type MethodFamily, type MethodName, type MethodRow, methodRow } from "./methods.ts";
export { processStartErrorData } from "./process-start-error.ts";
export type { Received, Sendable } from "./received.ts";
export type * from "./wire-types.ts";
