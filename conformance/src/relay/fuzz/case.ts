import type { Random } from "../../soak/random.ts";
import { type FrameChange, randomFrameChange } from "./frame-change.ts";

/** How the registry answers about a harness. */
export const REGISTRY_ANSWERS = {
  yes: { status: 200, body: '{"valid":true}' },
  more: { status: 200, body: '{"valid":true,"further":1}' },
  no: { status: 200, body: '{"valid":false}' },
  missing: { status: 200, body: "{}" },
  text: { status: 200, body: '{"valid":"true"}' },
  garbage: { status: 200, body: "valid" },
  created: { status: 201, body: '{"valid":true}' },
  unauthorized: { status: 401, body: '{"error":{"code":"no","message":"no"}}' },
  forbidden: { status: 403, body: "" },
  "not found": { status: 404, body: "" },
  conflict: { status: 409, body: "" },
  "too many": { status: 429, body: "" },
  broken: { status: 500, body: "" },
  away: { status: 503, body: "" },
} as const;
export type RegistryAnswerName = keyof typeof REGISTRY_ANSWERS;

/** What is wrong with the first message of a handshake. */
export type MessageChange =
  | { readonly kind: "none" }
  | { readonly kind: "flip"; readonly at: number; readonly xor: number }
  | { readonly kind: "cut"; readonly bytes: number }
  | { readonly kind: "more"; readonly bytes: number }
  | { readonly kind: "place"; readonly part: "environmentId" | "registrationId" | "streamId" }
  | { readonly kind: "other executor" };

/** What a harness shows of an authorization. */
export type Authorization = "usual" | "empty" | "longest" | "too long" | "no UTF-8" | "far too long";

export interface HandshakeCase {
  readonly stage: "handshake";
  readonly hasResume: boolean;
  readonly authorization: Authorization;
  readonly message: MessageChange;
  readonly answer: RegistryAnswerName;
  readonly frame: FrameChange | undefined;
  /** Comes right behind the handshake. */
  readonly follow: "nothing" | "same again" | "another handshake" | "data" | "reset" | "resume" | "heartbeat";
}

/** How requests are laid into records. */
export type Layout = "one each" | "all in one" | "byte by byte" | "halves" | "empty between" | "longest";

/** What a message says. */
export type Said =
  | "request"
  | "with jsonrpc"
  | "notice"
  | "answer"
  | "text id"
  | "null id"
  | "array"
  | "empty array"
  | "number"
  | "null"
  | "text"
  | "empty object"
  | "garbage"
  | "cut JSON"
  | "no UTF-8"
  | "spaces"
  | "mark"
  | "double members"
  | "method of another type"
  | "params of another type"
  | "deep";

export type Prefix = "right" | "zero" | "too large" | "largest" | "one short" | "one long";

/** What happens to records that were made rightly. */
export type RecordChange =
  | { readonly kind: "none" }
  | { readonly kind: "flip"; readonly index: number; readonly at: number; readonly xor: number }
  | { readonly kind: "cut"; readonly index: number; readonly to: number }
  | { readonly kind: "more"; readonly index: number; readonly bytes: number }
  | { readonly kind: "double"; readonly index: number }
  | { readonly kind: "forged double"; readonly index: number }
  | { readonly kind: "shuffle"; readonly seed: number }
  | { readonly kind: "ahead"; readonly distance: number; readonly bytes: number }
  | { readonly kind: "held"; readonly records: number; readonly bytes: number }
  | { readonly kind: "renumber"; readonly index: number; readonly by: number };

export interface RecordCase {
  readonly stage: "record";
  readonly said: Said;
  readonly prefix: Prefix;
  readonly layout: Layout;
  readonly record: RecordChange;
  readonly frame: FrameChange | undefined;
}

export interface BodyCase {
  readonly stage: "body";
  readonly kind: "ack" | "resume" | "heartbeat" | "reset" | "handshake" | "text" | "garbage" | "empty" | "large";
  readonly frame: FrameChange | undefined;
  readonly seed: number;
}

export type FuzzCase = HandshakeCase | RecordCase | BodyCase;

const HANDSHAKE_BYTES = 3_572;
const AUTHORIZATIONS = ["empty", "longest", "too long", "no UTF-8", "far too long"] as const;
const ANSWERS = Object.keys(REGISTRY_ANSWERS) as [RegistryAnswerName, ...RegistryAnswerName[]];
const FOLLOWS = ["same again", "another handshake", "data", "reset", "resume", "heartbeat"] as const;
const LAYOUTS = ["all in one", "byte by byte", "halves", "empty between", "longest"] as const;
const SAID = [
  "with jsonrpc",
  "notice",
  "answer",
  "text id",
  "null id",
  "array",
  "empty array",
  "number",
  "null",
  "text",
  "empty object",
  "garbage",
  "cut JSON",
  "no UTF-8",
  "spaces",
  "mark",
  "double members",
  "method of another type",
  "params of another type",
  "deep",
] as const;
const PREFIXES = ["zero", "too large", "largest", "one short", "one long"] as const;
const BODIES = ["ack", "resume", "heartbeat", "reset", "handshake", "text", "garbage", "empty", "large"] as const;
/** The bound, and one past it. */
const DISTANCES = [1, 2, 63, 64, 65, 66, 1_000, 4_294_967_295] as const;
const HELD_BYTES = 1_048_576;

/** @param random - Of the case's own seed. */
export function randomCase(random: Random): FuzzCase {
  const stage = random.between(1, 100);
  if (stage <= 35) return handshakeCase(random);
  if (stage <= 88) return recordCase(random);
  const kind = random.pick(BODIES);
  return { stage: "body", kind, frame: sometimes(random, 40, randomFrameChange), seed: random.between(0, 2 ** 31 - 1) };
}

function sometimes<T>(random: Random, percent: number, make: (random: Random) => T): T | undefined {
  return random.between(1, 100) <= percent ? make(random) : undefined;
}

function handshakeCase(random: Random): HandshakeCase {
  const rightly: HandshakeCase = {
    stage: "handshake",
    hasResume: random.between(1, 10) > 1,
    authorization: "usual",
    message: { kind: "none" },
    answer: "yes",
    frame: undefined,
    follow: "nothing",
  };
  const way = random.between(1, 100);
  if (way <= 25) return { ...rightly, message: messageChange(random) };
  if (way <= 65) return { ...rightly, frame: randomFrameChange(random) };
  if (way <= 75) return { ...rightly, answer: random.pick(ANSWERS) };
  if (way <= 85) return { ...rightly, authorization: random.pick(AUTHORIZATIONS) };
  return { ...rightly, follow: random.pick(FOLLOWS) };
}

function messageChange(random: Random): MessageChange {
  const xor = random.between(1, 255);
  switch (random.between(1, 5)) {
    case 1:
    case 2:
      return { kind: "flip", at: random.between(0, HANDSHAKE_BYTES - 1), xor };
    case 3:
      return { kind: "cut", bytes: random.pick([1, 2, 16, 17, 20, 100, 1_264, HANDSHAKE_BYTES - 1]) };
    case 4:
      return { kind: "more", bytes: random.pick([1, 16, 1_000]) };
    default:
      return random.between(0, 1) === 0
        ? { kind: "other executor" }
        : { kind: "place", part: random.pick(["environmentId", "registrationId", "streamId"]) };
  }
}

function recordCase(random: Random): RecordCase {
  const rightly: RecordCase = {
    stage: "record",
    said: "request",
    prefix: "right",
    layout: "one each",
    record: { kind: "none" },
    frame: undefined,
  };
  const way = random.between(1, 100);
  if (way <= 40) return { ...rightly, frame: randomFrameChange(random) };
  if (way <= 60) return { ...rightly, said: random.pick(SAID), layout: random.pick(["one each", ...LAYOUTS]) };
  if (way <= 67) return { ...rightly, prefix: random.pick(PREFIXES) };
  if (way <= 75) return { ...rightly, layout: random.pick(LAYOUTS) };
  return { ...rightly, layout: random.pick(["one each", "halves"]), record: recordChange(random) };
}

function recordChange(random: Random): RecordChange {
  const index = random.between(0, 1);
  switch (random.between(1, 9)) {
    case 1:
      return { kind: "flip", index, at: random.between(0, 10_000), xor: random.between(1, 255) };
    case 2:
      return { kind: "cut", index, to: random.pick([1, 15, 16, 17, 30]) };
    case 3:
      return { kind: "more", index, bytes: random.pick([1, 16, 61_440, 65_500]) };
    case 4:
      return { kind: "double", index };
    case 5:
      return { kind: "forged double", index };
    case 6:
      return { kind: "shuffle", seed: random.between(0, 2 ** 31 - 1) };
    case 7:
      return {
        kind: "ahead",
        distance: random.pick(DISTANCES),
        bytes: random.pick([1, 15, 16, 17, 100, 65_535, 65_536]),
      };
    case 8: {
      const records = random.pick([16, 17, 20]);
      return { kind: "held", records, bytes: Math.floor(HELD_BYTES / records) + random.pick([0, 1, 40]) };
    }
    default:
      return { kind: "renumber", index, by: random.pick([-1, 1, 2, 64, 65, 4_000_000_000]) };
  }
}
