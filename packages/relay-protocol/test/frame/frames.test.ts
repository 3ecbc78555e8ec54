import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  decodeFrame,
  encodeFrame,
  openDataFrame,
  peekStreamId,
  type RelayFrame,
  RelayFrameError,
} from "@holdfast/relay-protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RelayMessageFrameSchema } from "./gen/relay_pb.ts";

const text = fc.string({ unit: "grapheme", maxLength: 20 });
const uint32 = fc.oneof(fc.constantFrom(0, 1, 127, 128, 0xffff_ffff), fc.integer({ min: 0, max: 0xffff_ffff }));
const payload = fc.uint8Array({ minLength: 1, maxLength: 300 });
const body: fc.Arbitrary<RelayFrame["body"]> = fc.oneof(
  fc.record({ kind: fc.constant("data" as const), sequence: uint32, payload }),
  fc.record({ kind: fc.constant("handshake" as const), payload }),
  fc.record({ kind: fc.constant("resume" as const), nextSequence: uint32 }),
  fc.record({ kind: fc.constant("reset" as const), reason: text.filter((reason) => reason !== "") }),
  fc.constant({ kind: "ack" as const }),
  fc.record({ kind: fc.constant("heartbeat" as const), hold: fc.option(fc.boolean(), { nil: undefined }) }),
);
const traced = fc.option(text, { nil: undefined });
const frame: fc.Arbitrary<RelayFrame> = fc.record({
  streamId: text.filter((id) => /\P{White_Space}/u.test(id)),
  body,
  traceparent: traced,
  tracestate: traced,
});

/** As the generated code has it. */
function asMessage({ streamId, body, traceparent, tracestate }: RelayFrame) {
  const messageBody = (): NonNullable<MessageInitShape<typeof RelayMessageFrameSchema>["body"]> => {
    switch (body.kind) {
      case "data":
        return { case: "data", value: { seq: body.sequence, segmentCount: 1, payload: body.payload } };
      case "handshake":
        return { case: "handshake", value: { payload: body.payload } };
      case "resume":
        return { case: "resume", value: { nextSeq: body.nextSequence } };
      case "reset":
        return { case: "reset", value: { reason: body.reason } };
      case "ack":
        return { case: "ackFrame", value: {} };
      case "heartbeat":
        return { case: "heartbeat", value: body.hold === undefined ? {} : { hold: body.hold } };
    }
  };
  return create(RelayMessageFrameSchema, {
    version: 1,
    streamId,
    body: messageBody(),
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(tracestate === undefined ? {} : { tracestate }),
  });
}

function decoded(bytes: Uint8Array): RelayFrame | undefined {
  try {
    return decodeFrame(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(RelayFrameError);
    return undefined;
  }
}

const hex = (digits: string) => Buffer.from(digits.replaceAll(" ", ""), "hex");

describe("frames", () => {
  test("have the bytes of the generated code, and come back from them as they were", () => {
    const property = fc.property(frame, (each) => {
      const bytes = encodeFrame(each);
      expect(Buffer.from(bytes)).toEqual(Buffer.from(toBinary(RelayMessageFrameSchema, asMessage(each))));
      expect(decodeFrame(Uint8Array.from(bytes))).toEqual(each);
      expect(peekStreamId(bytes)).toEqual({ streamId: each.streamId, kind: each.body.kind });
    });
    fc.assert(property, { numRuns: 500 });
  });

  test("leave room for a record that is sealed later", () => {
    const head = { streamId: "s", sequence: 300, traceparent: "00-a-b-01", tracestate: "v=1" };
    const record = Buffer.alloc(61_456, "r");
    const { target, at } = openDataFrame(head, record.length);
    target.set(record, at);
    const { sequence, ...rest } = head;
    const each = { ...rest, body: { kind: "data" as const, sequence, payload: record } };
    expect(Buffer.compare(target, encodeFrame(each))).toBe(0);
    expect(decodeFrame(target)).toEqual(each);
  });

  test("have the bytes that were seen on the wire", () => {
    expect(Buffer.from(encodeFrame({ streamId: "s", body: { kind: "resume", nextSequence: 0 } }))).toEqual(
      hex("0801 120173 3a00"),
    );
    const handshake = encodeFrame({
      streamId: "0b6cf1a2-1c3d-4e5f-8a9b-0c1d2e3f4a5b",
      body: { kind: "handshake", payload: Buffer.alloc(3_573) },
    });
    expect(Buffer.from(handshake.subarray(0, 46)).toString("hex")).toMatch(/^08011224[0-9a-f]{72}52f81b0af51b$/);
    expect(handshake).toHaveLength(46 + 3_573);
  });

  test("give payloads without a copy", () => {
    const bytes = encodeFrame({ streamId: "s", body: { kind: "data", sequence: 1, payload: Buffer.from("record") } });
    const { body } = decodeFrame(bytes);
    if (body.kind !== "data") throw new Error(body.kind);
    expect(body.payload.buffer).toBe(bytes.buffer);
  });

  test.each([
    ["another version", "0802 120173 3a00", "unsupported relay message frame version 2"],
    ["no version", "120173 3a00", "unsupported relay message frame version 0"],
    ["no stream", "0801 3a00", "relay message frame is missing stream_id"],
    ["a blank stream", "0801 1203200a09 3a00", "relay message frame is missing stream_id"],
    ["a stream of other blanks", "0801 1205c285e28083 3a00", "relay message frame is missing stream_id"],
    ["no body", "0801 120173", "relay message frame is missing body"],
    ["data without a record", "0801 120173 2a02 1801", "relay data message frame is missing required fields"],
    ["data of no segment", "0801 120173 2a03 220161", "relay data message frame is missing required fields"],
    ["data of two segments", "0801 120173 2a05 1802 220161", "relay data message frame is missing required fields"],
    ["a second segment", "0801 120173 2a07 1001 1801 220161", "relay data message frame is missing required fields"],
    ["a handshake without a message", "0801 120173 5200", "relay handshake message frame is missing required fields"],
    ["a reset without a reason", "0801 120173 4200", "relay reset message frame is missing required fields"],
    ["an end too early", "0801 120573", "failed to decode relay message frame"],
    ["a stream that is no UTF-8", "0801 1201ff 3a00", "failed to decode relay message frame"],
    ["a number where a text belongs", "0801 1001 3a00", "failed to decode relay message frame"],
    ["a body that goes on behind itself", "0801 120173 3a01 0801", "failed to decode relay message frame"],
    ["a group without an end", "0801 120173 3a00 6b", "failed to decode relay message frame"],
  ])("are refused with %s", (_what, bytes, message) => {
    expect(() => decodeFrame(hex(bytes))).toThrow(new RelayFrameError(message));
    expect(() => peekStreamId(hex(bytes))).toThrow(new RelayFrameError(message));
  });

  test.each([
    [
      "members that a later release may add",
      "0801 120173 6a0178 7001 3a04 1801 2001",
      { kind: "resume", nextSequence: 0 },
    ],
    ["the unused acknowledgements", "0801 120173 1805 2006 3a00", { kind: "resume", nextSequence: 0 }],
    ["a body that is said twice, as it was last", "0801 120173 4a00 3a020807", { kind: "resume", nextSequence: 7 }],
    [
      "a body in two parts",
      "0801 120173 2a020803 2a051801220161",
      { kind: "data", sequence: 3, payload: Buffer.from("a") },
    ],
    ["a heartbeat of nothing", "0801 120173 4a00", { kind: "heartbeat", hold: undefined }],
    ["a blank beside something", "0801 12022073 3a00", { kind: "resume", nextSequence: 0 }],
  ])("are read with %s", (_what, bytes, body) => {
    expect(decodeFrame(hex(bytes)).body).toEqual(body);
  });

  test("are not made where every peer would refuse them", () => {
    const encode = (streamId: string, body: RelayFrame["body"]) => () => encodeFrame({ streamId, body });
    expect(encode(" ", { kind: "ack" })).toThrow("relay message frame is missing stream_id");
    expect(encode(" ", { kind: "data", sequence: 0, payload: Buffer.from("a") })).toThrow("missing stream_id");
    expect(encode("s", { kind: "data", sequence: 0, payload: Buffer.of() })).toThrow("missing required fields");
    expect(encode("s", { kind: "reset", reason: "" })).toThrow("missing required fields");
    expect(encode("s", { kind: "data", sequence: 2 ** 32, payload: Buffer.from("a") })).toThrow();
    expect(encode("s", { kind: "data", sequence: -1, payload: Buffer.from("a") })).toThrow();
  });
});

describe("bytes of anybody", () => {
  test("are a frame or are refused, and a frame says what the generated code reads", () => {
    const mutated = fc
      .tuple(frame, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }), fc.nat(3))
      .map(([each, changes, cut]) => {
        const bytes = Uint8Array.from(encodeFrame(each));
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        return bytes.subarray(0, bytes.length - cut);
      });
    const property = fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 60 })), (bytes) => {
      const read = decoded(bytes);
      if (read === undefined) return;
      const message = fromBinary(RelayMessageFrameSchema, bytes, { readUnknownFields: false });
      expect(message).toEqual({ ...asMessage(read), ack: message.ack, ackBits: message.ackBits });
    });
    fc.assert(property, { numRuns: 2_000 });
  });

  test("nested in groups without end are refused", () => {
    const head = hex("0801 120173 3a00");
    expect(() => decodeFrame(Buffer.concat([head, Buffer.alloc(262_000, 0x6b)]))).toThrow(RelayFrameError);
  });
});
