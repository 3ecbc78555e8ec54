import { asBuffer } from "./as-buffer.ts";
import { bulkTextOf, putBytes } from "./bulk-text.ts";
import type { Inbound, RpcId, WireFault } from "./envelope-types.ts";
import { scanJson } from "./json-scan.ts";
import { ID_MAX, ID_MIN } from "./limits.ts";
import { unexpectedType } from "./refusal-text.ts";

/** A message that is not one. The text is the reason that the peer reads. */
class Malformed extends Error {
  override readonly name = "Malformed";
}

/** Digits of the longest id, with room for zeros in front of none: longer numbers are never taken for exact. */
const WHOLE_NUMBER = /^-?\d{1,19}$/;
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export interface DecodeOptions {
  /** Scan the text for what a parser passes silently; the side that answers strangers does. */
  readonly strict: boolean;
  readonly longBase64: "text" | "bytes";
}

/** Read one frame. */
export function decodeEnvelope(frame: string | Uint8Array, { strict, longBase64 }: DecodeOptions): Inbound {
  try {
    if (typeof frame === "string") return read(frame, strict);
    const bulk = longBase64 === "bytes" ? readBulk(asBuffer(frame), strict) : undefined;
    return bulk ?? read(textOf(frame), strict);
  } catch (error) {
    if (error instanceof Malformed) return { kind: "malformed", reason: error.message };
    throw error;
  }
}

/** A message with a long base64, which is decoded on the way. Undefined for any other, and for what is wrong. */
function readBulk(frame: Buffer, strict: boolean): Inbound | undefined {
  try {
    const bulk = bulkTextOf(frame, (bytes) => UTF8.decode(bytes));
    if (bulk === undefined) return undefined;
    const message = read(bulk.text, strict);
    return putBytes(message, bulk) ? message : undefined;
  } catch {
    // Whoever reads it as a whole says what is wrong with it.
    return undefined;
  }
}

function read(text: string, strict: boolean): Inbound {
  // The scan comes first: it refuses what would be costly to build.
  const rawId = strict ? scan(text) : undefined;
  const message = parse(text);
  if (typeof message !== "object" || message === null || Array.isArray(message)) {
    throw new Malformed("expected a JSON-RPC object");
  }
  return classify(message as Record<string, unknown>, () => rawId ?? scan(text), strict);
}

/** The kinds in the order in which newer releases try them. */
function classify(message: Record<string, unknown>, rawId: () => string | undefined, strict: boolean): Inbound {
  const id = () => idOf(message, rawId, strict);
  if (Object.hasOwn(message, "method")) return Object.hasOwn(message, "id") ? call(message, id()) : notice(message);
  if (Object.hasOwn(message, "result")) return { kind: "result", id: id(), result: message.result };
  if (Object.hasOwn(message, "error")) return { kind: "failure", fault: faultOf(message.error), id: id() };
  throw new Malformed("missing field `error`");
}

function call(message: Record<string, unknown>, id: RpcId): Inbound {
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
function notice(message: Record<string, unknown>): Inbound {
  const { params, trace } = message;
  const head = { kind: "notice", method: methodOf(message), params } as const;
  const usable =
    typeof trace === "object" && trace !== null && !Array.isArray(trace) && wrongTraceMember(trace) === undefined;
  return usable ? { ...head, trace } : head;
}

function wrongTraceMember(trace: object): unknown {
  const { traceparent, tracestate } = trace as Record<string, unknown>;
  return [traceparent, tracestate].find((value) => value !== undefined && value !== null && typeof value !== "string");
}

function methodOf({ method }: Record<string, unknown>): string {
  if (typeof method !== "string") throw new Malformed(`${unexpectedType(method, "a string")} at \`method\``);
  return method;
}

function faultOf(error: unknown): WireFault {
  if (typeof error !== "object" || error === null || Array.isArray(error)) {
    throw new Malformed(`${unexpectedType(error, "struct Error")} at \`error\``);
  }
  const { code, message, data } = error as Record<string, unknown>;
  if (code === undefined) throw new Malformed("missing field `code` at `error`");
  if (typeof code !== "number" || !Number.isInteger(code)) throw new Malformed("invalid number at `error.code`");
  if (message === undefined) throw new Malformed("missing field `message` at `error`");
  if (typeof message !== "string") throw new Malformed(`${unexpectedType(message, "a string")} at \`error.message\``);
  return data === undefined ? { code, message } : { code, message, data };
}

function idOf({ id }: Record<string, unknown>, rawId: () => string | undefined, strict: boolean): RpcId {
  if (typeof id === "string") return id;
  if (id === undefined) throw new Malformed("missing field `id`");
  if (typeof id !== "number") throw new Malformed(NO_ID);
  // Adding 0 turns -0, which is written `-0`, into 0.
  if (!strict && Number.isSafeInteger(id)) return id + 0;
  return exactId(rawId() ?? "");
}

const NO_ID = "`id` is neither a string nor a 64-bit signed integer";

/** @throws Malformed for text that is no 64-bit signed integer. */
function exactId(raw: string): RpcId {
  if (!WHOLE_NUMBER.test(raw)) throw new Malformed(NO_ID);
  const near = Number(raw);
  if (Number.isSafeInteger(near)) return near + 0;
  const exact = BigInt(raw);
  if (exact < ID_MIN || exact > ID_MAX) throw new Malformed(NO_ID);
  return exact;
}

function scan(text: string): string | undefined {
  const found = scanJson(text);
  if (!found.ok) throw new Malformed(found.reason);
  return found.rawId;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Malformed(text.trim() === "" ? "no JSON in the message" : "not one JSON value");
  }
}

function textOf(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new Malformed("invalid UTF-8");
  }
}
