import { appServerCodec, createAppServerCodec } from "@holdfast/app-server-protocol";
import { describe, expect, test } from "vitest";

const lenient = createAppServerCodec({ strict: false });
const NONE = { emittedAtMs: undefined };

function bytes(text: string) {
  return new TextEncoder().encode(text);
}

describe("kinds of messages", () => {
  test.each([
    ['{"id":7,"method":"a","params":{"x":1}}', { kind: "call", id: 7, method: "a", params: { x: 1 } }],
    ['{"id":7,"method":"a"}', { kind: "call", id: 7, method: "a", params: undefined }],
    ['{"id":7,"method":"a","params":null}', { kind: "call", id: 7, method: "a", params: null }],
    ['{"jsonrpc":"2.0","id":"x","method":"a"}', { kind: "call", id: "x", method: "a", params: undefined }],
    ['{"id":"","method":"a"}', { kind: "call", id: "", method: "a", params: undefined }],
    ['{"id":-5,"method":"a"}', { kind: "call", id: -5, method: "a", params: undefined }],
    ['{"id":9007199254740993,"method":"a"}', { kind: "call", id: 9007199254740993n, method: "a", params: undefined }],
    [
      '{"id":1,"method":"a","trace":{"traceparent":"00-1","tracestate":null}}',
      { kind: "call", id: 1, method: "a", params: undefined, trace: { traceparent: "00-1", tracestate: null } },
    ],
    ['{"id":1,"method":"a","trace":{"traceparent":5}}', { kind: "call", id: 1, method: "a", params: undefined }],
    ['{"id":1,"method":"a","trace":"x"}', { kind: "call", id: 1, method: "a", params: undefined }],
    ['{"id":1,"result":5,"method":"a"}', { kind: "call", id: 1, method: "a", params: undefined }],
    ['{"method":"a","params":[1]}', { kind: "notice", method: "a", params: [1], metadata: NONE }],
    [
      '{"method":"a","emittedAtMs":17}',
      { kind: "notice", method: "a", params: undefined, metadata: { emittedAtMs: 17 } },
    ],
    ['{"method":"a","emittedAtMs":"17"}', { kind: "notice", method: "a", params: undefined, metadata: NONE }],
    ['{"id":1,"result":null}', { kind: "result", id: 1, result: null }],
    ['{"id":1,"result":{},"error":{"code":1,"message":"x"}}', { kind: "result", id: 1, result: {} }],
    [
      '{"id":"","error":{"code":-32001,"message":"no"}}',
      { kind: "failure", id: "", fault: { code: -32001, message: "no" } },
    ],
    [
      '{"id":1,"error":{"code":1,"message":"m","data":[2]}}',
      { kind: "failure", id: 1, fault: { code: 1, message: "m", data: [2] } },
    ],
    [' \n{"id":1,"method":"a"}\t ', { kind: "call", id: 1, method: "a", params: undefined }],
  ])("reads %s", (text, message) => {
    for (const codec of [appServerCodec, lenient]) {
      expect(codec.decode(text)).toEqual(message);
      expect(codec.decode(bytes(text))).toEqual(message);
    }
  });

  test.each(["null", "1.5", "true", "[1]", "{}", "9223372036854775808", "1e400"])(
    "takes a method with the id %s for a notice, which nobody answers",
    (id) => {
      for (const codec of [appServerCodec, lenient]) {
        expect(codec.decode(`{"id":${id},"method":"a"}`)).toMatchObject({ kind: "notice", method: "a" });
      }
    },
  );

  test.each([
    ["", "no JSON in the message"],
    ["nope", "not one JSON value"],
    ['{"id":1,"method":"a"}{}', "not one JSON value"],
    ["[]", "expected a JSON-RPC object"],
    ['[{"id":1,"method":"a"}]', "expected a JSON-RPC object"],
    ["null", "expected a JSON-RPC object"],
    ["{}", "missing field `error`"],
    ['{"id":1}', "missing field `error`"],
    ['{"result":1}', "missing field `id`"],
    ['{"id":null,"result":1}', "`id` is neither a string nor a 64-bit signed integer"],
    ['{"id":1.5,"result":1}', "`id` is neither a string nor a 64-bit signed integer"],
    ['{"id":1,"method":5}', "invalid type: number, expected a string at `method`"],
    ['{"method":null}', "invalid type: null, expected a string at `method`"],
    ['{"id":1,"error":5}', "invalid type: number, expected struct Error at `error`"],
    ['{"id":1,"error":{}}', "missing field `code` at `error`"],
    ['{"id":1,"error":{"code":1}}', "missing field `message` at `error`"],
    ['{"id":1,"error":{"code":1.5,"message":"x"}}', "invalid number at `error.code`"],
    ['{"id":1,"error":{"code":1,"message":2}}', "invalid type: number, expected a string at `error.message`"],
  ])("finds %j malformed, and answers nothing", (text, reason) => {
    for (const codec of [appServerCodec, lenient]) {
      expect(codec.decode(text)).toEqual({ kind: "malformed", reason });
      expect(codec.decode(bytes(text))).toEqual({ kind: "malformed", reason });
      expect(codec.encodeMalformed(reason, { transport: "websocket", peerName: "127.0.0.1:5" })).toBeUndefined();
    }
  });

  test("are read with care by the side that answers: no member twice, no depth and no number of values without end", () => {
    const deep = `{"id":1,"method":"a","params":${"[".repeat(200)}${"]".repeat(200)}}`;
    const twice = '{"id":1,"method":"a","method":"b"}';
    for (const text of [deep, twice]) {
      expect(appServerCodec.decode(text)).toMatchObject({ kind: "malformed" });
      expect(lenient.decode(text)).toMatchObject({ kind: "call" });
    }
  });
});

describe("what goes on the wire", () => {
  test("has no version member and leaves out what is absent", () => {
    expect(appServerCodec.encodeCall({ id: 1, method: "a", params: undefined })).toBe('{"id":1,"method":"a"}');
    expect(appServerCodec.encodeCall({ id: "x", method: "a", params: null })).toBe(
      '{"id":"x","method":"a","params":null}',
    );
    expect(appServerCodec.encodeNotice({ method: "a", params: undefined })).toBe('{"method":"a"}');
    expect(appServerCodec.encodeFailure(1, { code: -32601, message: "no", data: undefined })).toBe(
      '{"id":1,"error":{"code":-32601,"message":"no"}}',
    );
    expect(appServerCodec.encodeResult(1, undefined)).toBe('{"id":1,"result":{}}');
    expect(appServerCodec.encodeResult(1, null)).toBe('{"id":1,"result":null}');
  });

  test("carries the trace of a call, the data of a failure, and the time of a notice where a clock is given", () => {
    const trace = { traceparent: "00-1", tracestate: null };
    expect(appServerCodec.encodeCall({ id: 1, method: "a", params: {}, trace })).toBe(
      '{"id":1,"method":"a","params":{},"trace":{"traceparent":"00-1","tracestate":null}}',
    );
    expect(appServerCodec.encodeFailure("a", { code: 1, message: "m", data: 0 })).toBe(
      '{"id":"a","error":{"code":1,"message":"m","data":0}}',
    );
    expect(createAppServerCodec({ now: () => 17 }).encodeNotice({ method: "a", params: { b: 1 } })).toBe(
      '{"method":"a","params":{"b":1},"emittedAtMs":17}',
    );
  });

  test.each(["9223372036854775807", "-9223372036854775808", "9007199254740993", "12", '"12"'])(
    "writes the id %s back digit for digit",
    (text) => {
      const call = appServerCodec.decode(`{"id":${text},"method":"a"}`);
      if (call.kind !== "call") throw new Error(`decoded as ${call.kind}`);
      expect(appServerCodec.encodeResult(call.id, { b: 1 })).toBe(`{"id":${text},"result":{"b":1}}`);
      expect(appServerCodec.encodeCall({ ...call, params: {} })).toBe(`{"id":${text},"method":"a","params":{}}`);
      expect(appServerCodec.encodeFailure(call.id, { code: 1, message: "m" })).toBe(
        `{"id":${text},"error":{"code":1,"message":"m"}}`,
      );
    },
  );
});
