import {
  BinaryFrame,
  type DecodeOptions,
  decodeFrame,
  type EnvelopeRules,
  type Inbound,
  type InboundFrame,
  isObject,
  Malformed,
  type RpcId,
  unexpectedType,
  type WireFault,
} from "@holdfast/protocol-kit";
import { ID_MAX, ID_MIN, MESSAGE_MAX_DEPTH, MESSAGE_MAX_JSON_VALUES } from "./limits.ts";
import type { NoticeMetadata } from "./metadata.ts";

type Message = Readonly<Record<string, unknown>>;

const RULES: EnvelopeRules = {
  bounds: { maxDepth: MESSAGE_MAX_DEPTH, maxValues: MESSAGE_MAX_JSON_VALUES, minId: ID_MIN, maxId: ID_MAX },
  base64Members: new Set(),
  classify,
};

/** Read one frame by the rules of this protocol. A binary message is none, whatever is in it. */
export function decodeEnvelope(frame: InboundFrame, options: DecodeOptions): Inbound {
  if (frame instanceof BinaryFrame) return { kind: "malformed", reason: "binary messages are not read" };
  return decodeFrame(frame, RULES, options);
}

/** The kinds in the order in which servers try them. `jsonrpc` is not looked at, nor any other member. */
function classify(message: Message, id: () => RpcId): Inbound {
  if (Object.hasOwn(message, "method")) return asked(message, id);
  if (Object.hasOwn(message, "result")) return { kind: "result", id: id(), result: message.result };
  if (Object.hasOwn(message, "error")) return { kind: "failure", fault: faultOf(message.error), id: id() };
  throw new Malformed("missing field `error`");
}

/** A method with an id that is none is a notice, as for every server. */
function asked(message: Message, id: () => RpcId): Inbound {
  const { method, params } = message;
  if (typeof method !== "string") throw new Malformed(`${unexpectedType(method, "a string")} at \`method\``);
  const known = Object.hasOwn(message, "id") ? idOrNone(id) : undefined;
  if (known === undefined) return { kind: "notice", method, params, metadata: metadataOf(message) };
  const trace = usableTrace(message.trace);
  return trace === undefined
    ? { kind: "call", id: known, method, params }
    : { kind: "call", id: known, method, params, trace };
}

function idOrNone(id: () => RpcId): RpcId | undefined {
  try {
    return id();
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}

const NO_METADATA: NoticeMetadata = { emittedAtMs: undefined };

function metadataOf({ emittedAtMs }: Message): NoticeMetadata {
  return typeof emittedAtMs === "number" && Number.isFinite(emittedAtMs) ? { emittedAtMs } : NO_METADATA;
}

/** A trace that is no trace costs a request nothing but the trace. */
function usableTrace(trace: unknown): object | undefined {
  if (!isObject(trace)) return undefined;
  const { traceparent, tracestate } = trace;
  const isUsable = [traceparent, tracestate].every(
    (value) => value === undefined || value === null || typeof value === "string",
  );
  return isUsable ? trace : undefined;
}

function faultOf(error: unknown): WireFault {
  if (!isObject(error)) throw new Malformed(`${unexpectedType(error, "struct Error")} at \`error\``);
  const { code, message, data } = error;
  if (code === undefined) throw new Malformed("missing field `code` at `error`");
  if (typeof code !== "number" || !Number.isInteger(code)) throw new Malformed("invalid number at `error.code`");
  if (message === undefined) throw new Malformed("missing field `message` at `error`");
  if (typeof message !== "string") throw new Malformed(`${unexpectedType(message, "a string")} at \`error.message\``);
  return data === undefined ? { code, message } : { code, message, data };
}
