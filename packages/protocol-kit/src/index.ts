export { Base64Bytes } from "./base64/base64-bytes.ts";
export { base64Problem, bytesOfBase64, decodeBase64, isBase64 } from "./base64/base64-text.ts";
export type {
  EnvelopeCodec,
  FrameOrigin,
  Inbound,
  InboundFrame,
  OutboundCall,
  OutboundFrame,
  OutboundNotice,
  RpcId,
  WireFault,
} from "./codec.ts";
export { BinaryFrame } from "./envelope/binary-frame.ts";
export { type Bulk, bulkFrame, bulkOf } from "./envelope/bulk-frame.ts";
export { type DecodeOptions, decodeFrame, type EnvelopeRules } from "./envelope/decode-frame.ts";
export { encodeBinary, textAsBinary } from "./envelope/encode-binary.ts";
export type { IdRange } from "./envelope/exact-id.ts";
export type { JsonBounds } from "./envelope/json-scan.ts";
export { Malformed } from "./envelope/malformed.ts";
export { freeMemory } from "./free-memory.ts";
export { isObject } from "./is-object.ts";
export type { CallOptions, LinkV1 } from "./link.ts";
export {
  createRouter,
  type NoticeHandler,
  type RequestHandler,
  type RoutedNotice,
  type RoutedRequest,
  type Router,
  type RouterOptions,
} from "./methods/create-router.ts";
export { type CreateStub, createStub, type StubOptions, type Unsubscribe } from "./methods/create-stub.ts";
export { InvalidMessageError, isInvalidMessageError } from "./methods/invalid-message-error.ts";
export type { MethodRow, MethodTable, NoticeRow, Replay, RequestRow, Side } from "./methods/method-row.ts";
export type {
  LateTypes,
  MethodTypes,
  Protocol,
  QuickChecks,
  Refusal,
  Refusals,
  TypesByMethod,
  WireType,
} from "./methods/protocol.ts";
export type { ReceivedWith, SendableWith } from "./methods/received.ts";
export type { UnknownKind, UnknownVariant, UnknownWord } from "./unknown.ts";
export {
  bytesOf,
  isBoolean,
  isInt32,
  isInt64,
  isRecord,
  isString,
  isUint16,
  isUint32,
  isUint64,
  listOf,
  type QuickCheck,
} from "./validate/quick-kit.ts";
export { clip, unexpectedType } from "./validate/refusal-text.ts";
export { type Validated, validate, validateRecord, validateUnit } from "./validate/validate.ts";
export type { Validator, ValidatorIssue } from "./validate/validator.ts";
