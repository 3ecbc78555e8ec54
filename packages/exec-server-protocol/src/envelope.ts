import {
  bulkFrame,
  bulkOf,
  type FrameOrigin,
  type OutboundCall,
  type OutboundFrame,
  type OutboundNotice,
  type RpcId,
  type WireFault,
} from "@holdfast/protocol-kit";
import type { ExecServerCodec } from "./codec.ts";
import { decodeEnvelope } from "./envelope-decode.ts";
import { ERROR_CODES } from "./errors.ts";

type Allocate = (bytes: number) => Uint8Array;

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
   * being a string. The validators take both. The memory of such a frame belongs to the message from then on. Default
   * `text`.
   */
  readonly longBase64?: "text" | "bytes" | undefined;
  /** Memory for a frame that is built as bytes. Default `Buffer.allocUnsafe`. */
  readonly allocate?: ((bytes: number) => Uint8Array) | undefined;
}

/** Make a codec. It keeps no state: one serves any number of connections. */
export function createExecServerCodec(options: ExecServerCodecOptions = {}): ExecServerCodec {
  const { strict = true, longBase64 = "text" } = options;
  const allocate = options.allocate ?? ((bytes) => Buffer.allocUnsafe(bytes));
  return {
    decode: (frame) => decodeEnvelope(frame, { strict, longBase64 }),
    encodeCall: (call) => encodeCall(call, allocate),
    encodeNotice: (notice) => encodeNotice(notice, allocate),
    encodeResult: (id, result) => encodeResult(id, result, allocate),
    encodeFailure: (id, fault) => encode(id, { error: wireError(fault) }),
    encodeMalformed: (reason, origin) => (strict ? encodeMalformed(reason, origin) : undefined),
  };
}

/** The codec of the side that answers, with all base64 as text. */
export const execServerCodec: ExecServerCodec = createExecServerCodec();

function encodeCall({ id, method, params, trace }: OutboundCall, allocate: Allocate): OutboundFrame {
  const bulk = bulkOf(params);
  if (bulk === undefined) return encode(id, { method, params, trace: trace ?? undefined });
  const before = `{"id":${idText(id)},"method":${JSON.stringify(method)},"params":`;
  const after = trace === undefined || trace === null ? "}" : `,"trace":${JSON.stringify(trace)}}`;
  return bulkFrame(before, bulk, after, allocate);
}

function encodeNotice({ method, params }: OutboundNotice, allocate: Allocate): OutboundFrame {
  const bulk = bulkOf(params);
  if (bulk === undefined) return JSON.stringify({ method, params });
  return bulkFrame(`{"method":${JSON.stringify(method)},"params":`, bulk, "}", allocate);
}

function encodeResult(id: RpcId, result: unknown, allocate: Allocate): OutboundFrame {
  const bulk = bulkOf(result);
  // A result is always there, also when there is nothing to say.
  if (bulk === undefined) return encode(id, { result: result === undefined ? {} : result });
  return bulkFrame(`{"id":${idText(id)},"result":`, bulk, "}", allocate);
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
