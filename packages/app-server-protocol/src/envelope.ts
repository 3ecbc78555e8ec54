import type { OutboundCall, OutboundNotice, RpcId, WireFault } from "@holdfast/protocol-kit";
import type { AppServerCodec } from "./codec.ts";
import { decodeEnvelope } from "./envelope-decode.ts";

/** Which end a codec is for. */
export interface AppServerCodecOptions {
  /**
   * True, the side that answers strangers: refuse repeated members, too many values, too deep a nesting, and inexact ids.
   * False, a client on its hot path: trust the JSON of the server it chose. Ids are exact either way. Default true.
   */
  readonly strict?: boolean | undefined;
  /** The time in milliseconds since 1970, with which a server marks its notices. Default: notices are not marked. */
  readonly now?: (() => number) | undefined;
}

/** Make a codec. It keeps no state: one serves any number of connections. */
export function createAppServerCodec(options: AppServerCodecOptions = {}): AppServerCodec {
  const { strict = true, now } = options;
  return {
    decode: (frame) => decodeEnvelope(frame, { strict, longBase64: "text" }),
    encodeCall,
    encodeNotice: (notice) => encodeNotice(notice, now),
    encodeResult: (id, result) => encode(id, { result: result === undefined ? {} : result }),
    encodeFailure: (id, fault) => encode(id, { error: wireError(fault) }),
    // No release answers what it can not read: whoever sent it may take an answer for one to something else.
    encodeMalformed: () => undefined,
  };
}

/** The codec of the side that answers. */
export const appServerCodec: AppServerCodec = createAppServerCodec();

function encodeCall({ id, method, params, trace }: OutboundCall): string {
  return encode(id, { method, params, trace: trace ?? undefined });
}

function encodeNotice({ method, params }: OutboundNotice, now: (() => number) | undefined): string {
  return JSON.stringify(now === undefined ? { method, params } : { method, params, emittedAtMs: now() });
}

function encode(id: RpcId, rest: object): string {
  if (typeof id !== "bigint") return JSON.stringify({ id, ...rest });
  return `{"id":${id},${JSON.stringify(rest).slice(1)}`;
}

function wireError({ code, message, data }: WireFault): WireFault {
  return data === undefined ? { code, message } : { code, message, data };
}
