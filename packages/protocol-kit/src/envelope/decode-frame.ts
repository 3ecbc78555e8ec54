import { asBuffer } from "../as-buffer.ts";
import type { Inbound, RpcId } from "../codec.ts";
import { bulkTextOf, putBytes } from "./bulk-text.ts";
import { exactId, type IdRange } from "./exact-id.ts";
import { type JsonBounds, scanJson } from "./json-scan.ts";
import { Malformed } from "./malformed.ts";

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What one API lays down about its messages. The kit reads frames; which message is which kind is for the API to say. */
export interface EnvelopeRules {
  readonly bounds: JsonBounds & IdRange;
  /** Names of the members that hold base64, in every message they occur in. */
  readonly base64Members: ReadonlySet<string>;
  /**
   * Classify a message.
   *
   * @param id - Reads the member `id`. @throws Malformed when it is none.
   * @throws Malformed for an object that is no message.
   */
  classify(message: Readonly<Record<string, unknown>>, id: () => RpcId): Inbound;
}

/** How one end reads. */
export interface DecodeOptions {
  /** Scan the text for what a parser passes silently; the side that answers strangers does. */
  readonly strict: boolean;
  /** Whether the long base64 of a frame of bytes is left as text, or decoded into `Base64Bytes` without being a string. */
  readonly longBase64: "text" | "bytes";
}

/** Read one frame. Never throws: what cannot be read is `malformed`, with the reason that the peer reads. */
export function decodeFrame(frame: string | Uint8Array, rules: EnvelopeRules, options: DecodeOptions): Inbound {
  try {
    if (typeof frame === "string") return read(frame, rules, options.strict);
    const bulk = options.longBase64 === "bytes" ? readBulk(asBuffer(frame), rules, options.strict) : undefined;
    return bulk ?? read(textOf(frame), rules, options.strict);
  } catch (error) {
    if (error instanceof Malformed) return { kind: "malformed", reason: error.message };
    throw error;
  }
}

/** A message with a long base64, which is decoded on the way. Undefined for any other, and for what is wrong. */
function readBulk(frame: Buffer, rules: EnvelopeRules, strict: boolean): Inbound | undefined {
  try {
    const bulk = bulkTextOf(frame, rules.base64Members, (bytes) => UTF8.decode(bytes));
    if (bulk === undefined) return undefined;
    const message = read(bulk.text, rules, strict);
    return putBytes(message, bulk) ? message : undefined;
  } catch {
    // Reading it as a whole says what is wrong with it.
    return undefined;
  }
}

function read(text: string, { bounds, classify }: EnvelopeRules, strict: boolean): Inbound {
  // The scan comes first: it refuses what would be costly to build.
  const rawId = strict ? scan(text, bounds) : undefined;
  const message = parse(text);
  if (typeof message !== "object" || message === null || Array.isArray(message)) {
    throw new Malformed("expected a JSON-RPC object");
  }
  const members = message as Readonly<Record<string, unknown>>;
  return classify(members, () => exactId(members.id, () => rawId ?? scan(text, bounds), { strict, range: bounds }));
}

function scan(text: string, bounds: JsonBounds): string | undefined {
  const found = scanJson(text, bounds);
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
