import {
  BinaryFrame,
  type Bulk,
  bulkFrame,
  bulkOf,
  encodeBinary,
  type FrameOrigin,
  type Inbound,
  type InboundFrame,
  type OutboundCall,
  type OutboundFrame,
  type OutboundNotice,
  type RpcId,
  textAsBinary,
  type WireFault,
} from "@holdfast/protocol-kit";
import type { BinaryMessages } from "./binary-messages.ts";
import type { ExecServerCodec } from "./codec.ts";
import { decodeEnvelope } from "./envelope-decode.ts";
import { ERROR_CODES } from "./errors.ts";

/** Shorter bytes go as base64: up to a kilobyte, that costs both ends no more, and can be read by people who look at the line. */
const BINARY_MIN_BYTES = 2 * 1024;

type Allocate = (bytes: number) => Uint8Array;

/** How one connection writes. */
interface Writing {
  readonly allocate: Allocate;
  readonly binary: BinaryMessages | undefined;
}

/** The id of answers to messages that could not be read. */
export const MALFORMED_ID = -1;

/** Which end a codec is for. */
export interface ExecServerCodecOptions {
  /**
   * True, the side that answers strangers: refuse repeated members, too many values, too deep a nesting, and inexact ids;
   * answer malformed messages. False, a client on its hot path: trust the JSON of the executor it chose, stay silent.
   * Ids are exact either way. Default true.
   */
  readonly strict?: boolean | undefined;
  /**
   * How the long base64 of frames that arrive as bytes is handed on: as it came, or as `Base64Bytes`, decoded without ever
   * being a string. The validators take both. The memory of such a frame belongs to the message from then on. With `bytes`, binary
   * messages are read as well. Default `text`.
   */
  readonly longBase64?: "text" | "bytes" | undefined;
  /** Memory for a frame that is built as bytes. Default `Buffer.allocUnsafe`. */
  readonly allocate?: ((bytes: number) => Uint8Array) | undefined;
  /** What is known of the far end of the one connection that this codec is for. Default: no binary message is sent. */
  readonly binaryMessages?: BinaryMessages | undefined;
}

/** Make a codec. Without `binaryMessages` it keeps no state: one serves any number of connections. */
export function createExecServerCodec(options: ExecServerCodecOptions = {}): ExecServerCodec {
  const { strict = true, longBase64 = "text" } = options;
  const allocate = options.allocate ?? ((bytes) => Buffer.allocUnsafe(bytes));
  const reading = { strict, longBase64 };
  const binary = options.binaryMessages;
  const writing = { allocate, binary };
  return {
    decode: (frame) => {
      const message = decodeEnvelope(frame, reading);
      if (typeof frame !== "string" && binary?.areSent === false && isReadBinary(frame, message)) binary.settle();
      return message;
    },
    encodeCall: (call) => encodeCall(call, writing),
    encodeNotice: (notice) => encodeNotice(notice, writing),
    encodeResult: (id, result) => encodeResult(id, result, writing),
    encodeFailure: (id, fault) => encode(id, { error: wireError(fault) }),
    encodeMalformed: (reason, origin) => (strict ? encodeMalformed(reason, origin) : undefined),
  };
}

/** The codec of the side that answers, with all base64 as text. */
export const execServerCodec: ExecServerCodec = createExecServerCodec();

function isReadBinary(frame: InboundFrame, message: Inbound): boolean {
  return frame instanceof BinaryFrame && frame.text() === undefined && message.kind !== "malformed";
}

function encodeCall({ id, method, params, trace }: OutboundCall, writing: Writing): OutboundFrame {
  const bulk = bulkOf(params);
  if (bulk === undefined) return encode(id, { method, params, trace: trace ?? undefined });
  const before = `{"id":${idText(id)},"method":${JSON.stringify(method)},"params":`;
  const after = trace === undefined || trace === null ? "}" : `,"trace":${JSON.stringify(trace)}}`;
  return encodeBulk(before, bulk, after, writing);
}

function encodeNotice({ method, params }: OutboundNotice, writing: Writing): OutboundFrame {
  const bulk = bulkOf(params);
  if (bulk !== undefined) return encodeBulk(`{"method":${JSON.stringify(method)},"params":`, bulk, "}", writing);
  const text = JSON.stringify({ method, params });
  if (writing.binary?.isDue !== true) return text;
  writing.binary.settle();
  return textAsBinary(text);
}

function encodeResult(id: RpcId, result: unknown, writing: Writing): OutboundFrame {
  const bulk = bulkOf(result);
  // A result is always there, also when there is nothing to say.
  if (bulk === undefined) return encode(id, { result: result === undefined ? {} : result });
  return encodeBulk(`{"id":${idText(id)},"result":`, bulk, "}", writing);
}

function encodeBulk(before: string, bulk: Bulk, after: string, { allocate, binary }: Writing): OutboundFrame {
  const isBinary = bulk.bytes.bytes.byteLength >= BINARY_MIN_BYTES && binary?.areSent === true;
  return (isBinary ? encodeBinary : bulkFrame)(before, bulk, after, allocate);
}

function encode(id: RpcId, rest: object): string {
  if (typeof id !== "bigint") return JSON.stringify({ id, ...rest });
  return `{"id":${id},${JSON.stringify(rest).slice(1)}`;
}

function idText(id: RpcId): string {
  return typeof id === "bigint" ? String(id) : JSON.stringify(id);
}

function wireError({ code, message, data }: WireFault): WireFault {
  return data === undefined ? { code, message } : { code, message, data };
}

function encodeMalformed(reason: string, { transport, peerName }: FrameOrigin): string {
  const [kind, peer] =
    transport === "websocket" ? ["websocket JSON-RPC", `websocket ${peerName}`] : ["JSON-RPC", transport];
  const message = `failed to parse ${kind} message from exec-server ${peer}: ${reason}`;
  return encode(MALFORMED_ID, { error: { code: ERROR_CODES.InvalidRequest, message } });
}
