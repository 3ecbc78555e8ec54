import {
  type DecodeOptions,
  decodeFrame,
  type EnvelopeRules,
  type Inbound,
  type InboundFrame,
  Malformed,
  type RpcId,
  unexpectedType,
  type WireFault,
} from "@holdfast/protocol-kit";
import { BYTE_MEMBERS } from "./byte-members.ts";
import { ID_MAX, ID_MIN, MESSAGE_MAX_DEPTH, MESSAGE_MAX_JSON_VALUES } from "./limits.ts";
import { METHODS } from "./methods.ts";
import { BASE64_MEMBERS } from "./received.ts";

type Message = Readonly<Record<string, unknown>>;

const RULES: EnvelopeRules = {
  bounds: { maxDepth: MESSAGE_MAX_DEPTH, maxValues: MESSAGE_MAX_JSON_VALUES, minId: ID_MIN, maxId: ID_MAX },
  base64Members: new Set(BASE64_MEMBERS),
  takesBytes,
  classify,
};

/** Read one frame by the rules of this protocol. */
export function decodeEnvelope(frame: InboundFrame, options: DecodeOptions): Inbound {
  return decodeFrame(frame, RULES, options);
}

/** Of a method that is not known here nobody can say; it is refused as such. */
function takesBytes(message: Inbound, member: string): boolean {
  if (!("method" in message) || !Object.hasOwn(METHODS, message.method)) return true;
  return Object.hasOwn(BYTE_MEMBERS, message.method) && BYTE_MEMBERS[message.method] === member;
}

/** The kinds in the order in which newer releases try them. */
function classify(message: Message, id: () => RpcId): Inbound {
  if (Object.hasOwn(message, "method")) return Object.hasOwn(message, "id") ? call(message, id()) : notice(message);
  if (Object.hasOwn(message, "result")) return { kind: "result", id: id(), result: message.result };
  if (Object.hasOwn(message, "error")) return { kind: "failure", fault: faultOf(message.error), id: id() };
  throw new Malformed("missing field `error`");
}

function call(message: Message, id: RpcId): Inbound {
  const { params, trace } = message;
  const head = { kind: "call", id, method: methodOf(message), params } as const;
  if (trace === undefined || trace === null) return head;
  if (typeof trace !== "object" || Array.isArray(trace))
    throw new Malformed(unexpectedType(trace, "struct TraceContext"));
  const wrong = wrongTraceMember(trace);
  if (wrong !== undefined) throw new Malformed(`${unexpectedType(wrong, "a string")} at \`trace\``);
  return { ...head, trace };
}

/** A trace that is no trace costs a notice nothing but the trace. */
function notice(message: Message): Inbound {
  const { params, trace } = message;
  const head = { kind: "notice", method: methodOf(message), params } as const;
  const usable =
    typeof trace === "object" && trace !== null && !Array.isArray(trace) && wrongTraceMember(trace) === undefined;
  return usable ? { ...head, trace } : head;
}

function wrongTraceMember(trace: object): unknown {
  const { traceparent, tracestate } = trace as Message;
  return [traceparent, tracestate].find((value) => value !== undefined && value !== null && typeof value !== "string");
}

function methodOf({ method }: Message): string {
  if (typeof method !== "string") throw new Malformed(`${unexpectedType(method, "a string")} at \`method\``);
  return method;
}

function faultOf(error: unknown): WireFault {
  if (typeof error !== "object" || error === null || Array.isArray(error)) {
    throw new Malformed(`${unexpectedType(error, "struct Error")} at \`error\``);
  }
  const { code, message, data } = error as Message;
  if (code === undefined) throw new Malformed("missing field `code` at `error`");
  if (typeof code !== "number" || !Number.isInteger(code)) throw new Malformed("invalid number at `error.code`");
  if (message === undefined) throw new Malformed("missing field `message` at `error`");
  if (typeof message !== "string") throw new Malformed(`${unexpectedType(message, "a string")} at \`error.message\``);
  return data === undefined ? { code, message } : { code, message, data };
}
