import { asBuffer } from "../as-buffer.ts";
import type { Inbound, InboundFrame, RpcId } from "../codec.ts";
import { BinaryFrame } from "./binary-frame.ts";
import { bulkTextOf, putBytes } from "./bulk-text.ts";
import { exactId, type IdRange } from "./exact-id.ts";
import { type JsonBounds, scanJson } from "./json-scan.ts";
import { Malformed } from "./malformed.ts";
import { halvesOf, putBehind } from "./read-binary.ts";

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What one API lays down about its messages. The kit reads frames; which message is which kind is for the API to say. */
export interface EnvelopeRules {
  readonly bounds: JsonBounds & IdRange;
  /** Names of the members that hold base64, in every message they occur in. */
  readonly base64Members: ReadonlySet<string>;
  /**
   * Whether the bytes of a binary message may be this member of the params or the result of it; what it names is one of
   * `base64Members`. Default: any may.
   */
  readonly takesBytes?: ((message: Inbound, member: string) => boolean) | undefined;
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
  /**
   * Whether the long base64 of a frame of bytes is left as text, or decoded into `Base64Bytes` without being a string. With `bytes`,
   * binary messages are read as well.
   */
  readonly longBase64: "text" | "bytes";
}

/** Read one frame. Never throws: what cannot be read is `malformed`, with the reason that the peer reads. */
export function decodeFrame(frame: InboundFrame, rules: EnvelopeRules, options: DecodeOptions): Inbound {
  try {
    if (typeof frame === "string") return read(frame, rules, options.strict);
    if (frame instanceof BinaryFrame) return readBinary(frame, rules, options);
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

/** A message with its bytes behind it, or a text that came as a binary message. */
function readBinary(frame: BinaryFrame, rules: EnvelopeRules, options: DecodeOptions): Inbound {
  const text = frame.text();
  if (text !== undefined) return decodeFrame(text, rules, options);
  if (options.longBase64 === "text") throw new Malformed("binary messages are not read here");
  const halves = halvesOf(asBuffer(frame.whole()));
  const { base64Members, takesBytes } = rules;
  const takes = (message: Inbound, member: string): boolean =>
    base64Members.has(member) && (takesBytes?.(message, member) ?? true);
  let named: unknown;
  const message = read(textOf(halves.json), rules, options.strict, (members) => {
    named = members.bytes;
  });
  putBehind(message, named, halves, takes);
  return message;
}

/** @param look - Sees the members of the envelope. */
function read(
  text: string,
  { bounds, classify }: EnvelopeRules,
  strict: boolean,
  look?: (members: Readonly<Record<string, unknown>>) => void,
): Inbound {
  // The scan comes first: it refuses what would be costly to build.
  const rawId = strict ? scan(text, bounds) : undefined;
  const message = parse(text);
  if (typeof message !== "object" || message === null || Array.isArray(message)) {
    throw new Malformed("expected a JSON-RPC object");
  }
  const members = message as Readonly<Record<string, unknown>>;
  look?.(members);
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
