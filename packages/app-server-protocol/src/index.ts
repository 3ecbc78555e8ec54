export {
  type FrameOrigin,
  type Inbound,
  InvalidMessageError,
  isInvalidMessageError,
  type OutboundCall,
  type OutboundNotice,
  type RpcId,
  type UnknownKind,
  type UnknownVariant,
  type UnknownWord,
  type Validated,
  validate,
  type WireFault,
} from "@holdfast/protocol-kit";
export type { AppServerCodec, TraceContext } from "./codec.ts";
export { type AppServerCodecOptions, appServerCodec, createAppServerCodec } from "./envelope.ts";
export { ERROR_CODES, ERRORS, type ErrorCode, type ErrorName, errorNameOf } from "./errors.ts";
export type { ClientNotices, ClientRequests, ServerNotices, ServerRequests } from "./gen/stub-types.gen.ts";
export type * from "./gen/types.gen.ts";
export { LIMITS, type LimitRow } from "./limit-table.ts";
export {
  COMMAND_OUTPUT_DEFAULT_BYTES,
  COMMAND_TIMEOUT_DEFAULT_MS,
  ID_MAX,
  ID_MIN,
  INCLUDED_THREADS_MAX,
  MESSAGE_MAX_BYTES,
  MESSAGE_MAX_DEPTH,
  MESSAGE_MAX_JSON_VALUES,
  PTY_COLUMNS,
  PTY_ROWS,
  RUNNING_REQUESTS_MAX,
  SEARCH_TERM_MAX_BYTES,
  STDIN_QUEUE_MAX_WRITES,
  TURN_INPUT_MAX_CHARACTERS,
  UNREAD_BYTES_MAX,
  WAITING_REQUESTS_MAX,
} from "./limits.ts";
export type { NoticeMetadata } from "./metadata.ts";
export { METHODS, type MethodName, type MethodRow, methodRow } from "./methods.ts";
