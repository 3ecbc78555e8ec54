import { createExecServerCodec, execServerCodec } from "@holdfast/exec-server-protocol";
import { describe, expect, test } from "vitest";

const lenient = createExecServerCodec({ strict: false });

function bytes(text: string) {
  return new TextEncoder().encode(text);
}

function status(member: string) {
  return `{"id":1,"method":"environment/status",${member}}`;
}

function nested(open: string, inside: string, close: string, times: number) {
  return open.repeat(times) + inside + close.repeat(times);
}

function list(length: number) {
  return `[${Array(length).fill(0).join(",")}]`;
}

describe("kinds of messages", () => {
  test.each([
    ['{"id":7,"method":"a","params":{"x":1}}', { kind: "call", id: 7, method: "a", params: { x: 1 } }],
    ['{"id":7,"method":"a"}', { kind: "call", id: 7, method: "a", params: undefined }],
    ['{"id":7,"method":"a","params":null}', { kind: "call", id: 7, method: "a", params: null }],
    ['{"jsonrpc":"2.0","id":"x","method":"a"}', { kind: "call", id: "x", method: "a", params: undefined }],
    ['{"jsonrpc":5,"method":"a"}', { kind: "notice", method: "a", params: undefined }],
    ['{"method":"a","params":[1]}', { kind: "notice", method: "a", params: [1] }],
    ['{"id":1,"result":5,"method":"a"}', { kind: "call", id: 1, method: "a", params: undefined }],
    ['{"id":1,"result":null}', { kind: "result", id: 1, result: null }],
    ['{"id":1,"result":{},"error":{"code":1,"message":"x"}}', { kind: "result", id: 1, result: {} }],
    [
      '{"id":"","error":{"code":-32601,"message":"no"}}',
      { kind: "failure", id: "", fault: { code: -32601, message: "no" } },
    ],
    [
      '{"id":1,"error":{"code":1,"message":"m","data":[2]}}',
      { kind: "failure", id: 1, fault: { code: 1, message: "m", data: [2] } },
    ],
    [' \n{"id":1,"method":"a"}\t ', { kind: "call", id: 1, method: "a", params: undefined }],
    ['{"id":1,"method":"a","unknown":{"b":[]}}', { kind: "call", id: 1, method: "a", params: undefined }],
  ])("reads %s", (text, message) => {
    for (const codec of [execServerCodec, lenient]) {
      expect(codec.decode(text)).toEqual(message);
      expect(codec.decode(bytes(text))).toEqual(message);
    }
  });

  test.each([
    ["", "no JSON in the message"],
    ["  ", "no JSON in the message"],
    ["nope", "not one JSON value"],
    ['{"id":1,"method":"a"', "not one JSON value"],
    ['{"id":1,"method":"a"} x', "not one JSON value"],
    ['{"id":1,"method":"a"}{}', "not one JSON value"],
    ['\ufeff{"id":1,"method":"a"}', "not one JSON value"],
    [status('"x":"a\tb"'), "not one JSON value"],
    [status('"x":01'), "not one JSON value"],
    ["[]", "expected a JSON-RPC object"],
    ['[{"id":1,"method":"a"}]', "expected a JSON-RPC object"],
    ['"x"', "expected a JSON-RPC object"],
    ["5", "expected a JSON-RPC object"],
    ["null", "expected a JSON-RPC object"],
    ["{}", "missing field `error`"],
    ['{"id":1}', "missing field `error`"],
    ['{"result":1}', "missing field `id`"],
    ['{"error":{"code":1,"message":"x"}}', "missing field `id`"],
    ['{"id":1,"method":5}', "invalid type: number, expected a string at `method`"],
    ['{"method":null}', "invalid type: null, expected a string at `method`"],
    ['{"id":1,"error":5}', "invalid type: number, expected struct Error at `error`"],
    ['{"id":1,"error":{}}', "missing field `code` at `error`"],
    ['{"id":1,"error":{"code":1}}', "missing field `message` at `error`"],
    ['{"id":1,"error":{"code":1.5,"message":"x"}}', "invalid number at `error.code`"],
  ])("finds %j malformed", (text, reason) => {
    for (const codec of [execServerCodec, lenient]) {
      expect(codec.decode(text)).toEqual({ kind: "malformed", reason });
      expect(codec.decode(bytes(text))).toEqual({ kind: "malformed", reason });
    }
  });

  test("takes a byte order mark and bad UTF-8 in a binary frame for malformed", () => {
    expect(execServerCodec.decode(new Uint8Array([0xef, 0xbb, 0xbf, ...bytes('{"id":1,"method":"a"}')]))).toEqual({
      kind: "malformed",
      reason: "not one JSON value",
    });
    for (const bad of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80]]) {
      const frame = new Uint8Array([...bytes('{"method":"'), ...bad, ...bytes('"}')]);
      expect(execServerCodec.decode(frame)).toEqual({ kind: "malformed", reason: "invalid UTF-8" });
    }
  });

  test("keeps members that objects have by nature out of the way", () => {
    expect(execServerCodec.decode('{"__proto__":{"method":"x","id":1}}')).toMatchObject({ kind: "malformed" });
    expect(execServerCodec.decode('{"id":1,"method":"a","constructor":1,"hasOwnProperty":2}')).toMatchObject({
      kind: "call",
    });
  });
});

describe("ids", () => {
  test.each([
    ["0", 0],
    ["-0", 0],
    ["-5", -5],
    ["9007199254740991", 9007199254740991],
    ["9007199254740993", 9007199254740993n],
    ["-9007199254740993", -9007199254740993n],
    ["9223372036854775807", 9223372036854775807n],
    ["-9223372036854775808", -9223372036854775808n],
    ['"a\\u00e9\\n"', "aé\n"],
  ])("reads %s exactly", (text, id) => {
    for (const codec of [execServerCodec, lenient]) {
      expect(codec.decode(`{"id":${text},"method":"a"}`)).toMatchObject({ kind: "call", id });
      expect(codec.decode(`{"params":{"id":3},"method":"a", "id" : ${text} }`)).toMatchObject({ kind: "call", id });
      expect(codec.decode(`{"\\u0069d":${text},"result":1}`)).toMatchObject({ kind: "result", id });
    }
  });

  test.each([
    "null",
    "true",
    "{}",
    "[]",
    "1.5",
    "9223372036854775808",
    "-9223372036854775809",
    "1e400",
    "9".repeat(1_000_000),
  ])("refuses %.20s on both sides", (text) => {
    for (const codec of [execServerCodec, lenient]) {
      const reason = "`id` is neither a string nor a 64-bit signed integer";
      expect(codec.decode(`{"id":${text},"method":"a"}`)).toEqual({ kind: "malformed", reason });
      expect(codec.decode(`{"id":${text},"result":1}`)).toEqual({ kind: "malformed", reason });
    }
  });

  test.each(["1.0", "1e2", "-0.0", "10000000000000000000000"])(
    "refuses %s, which is no integer as it is written",
    (text) => {
      expect(execServerCodec.decode(`{"id":${text},"method":"a"}`)).toMatchObject({ kind: "malformed" });
    },
  );
});

describe("trace", () => {
  test.each(["null", "{}", '{"traceparent":"00-1","tracestate":null}', '{"other":5}'])("takes %s", (trace) => {
    expect(execServerCodec.decode(status(`"trace":${trace}`))).toMatchObject({ kind: "call" });
  });

  test("hands the trace of a request and of a notice on", () => {
    const trace = { traceparent: "00-1" };
    expect(execServerCodec.decode(status('"trace":{"traceparent":"00-1"}'))).toMatchObject({ trace });
    expect(execServerCodec.decode('{"method":"a","trace":{"traceparent":"00-1"}}')).toMatchObject({ trace });
  });

  test.each(["5", '"x"', "[]", '{"traceparent":5}', '{"tracestate":{}}'])(
    "refuses %s in a request and drops it from a notice",
    (trace) => {
      expect(execServerCodec.decode(status(`"trace":${trace}`))).toMatchObject({ kind: "malformed" });
      expect(execServerCodec.decode(`{"method":"a","params":1,"trace":${trace}}`)).toEqual({
        kind: "notice",
        method: "a",
        params: 1,
      });
    },
  );
});

describe("what a JSON parser would pass silently", () => {
  test.each([
    ['{"id":1,"id":2,"method":"a"}', "duplicate JSON object key `id`"],
    [status('"x":{"a":1,"a":2}'), "duplicate JSON object key `a`"],
    [status('"x":[[{"a":{},"\\u0061":2}]]'), "duplicate JSON object key `a`"],
    [status('"x":{"__proto__":1,"__proto__":2}'), "duplicate JSON object key `__proto__`"],
    [status('"x":{"":1,"":2}'), "duplicate JSON object key ``"],
    [status('"x":"\\ud800"'), "lone surrogate in a string escape"],
    [status('"x":"\\uDC00\\uD800"'), "lone surrogate in a string escape"],
    [status('"x":{"\\ud83dx":1}'), "lone surrogate in a string escape"],
    [status(`"x":${nested("[", "", "]", 127)}`), "recursion limit exceeded"],
    [status(`"x":${nested('{"a":', "1", "}", 127)}`), "recursion limit exceeded"],
    [status(`"x":${list(262_141)}`), "JSON-RPC message exceeds the limit of 262144 JSON values"],
  ])("is malformed for the side that answers: %.80s", (text, reason) => {
    expect(execServerCodec.decode(text)).toEqual({ kind: "malformed", reason });
    expect(lenient.decode(text)).toMatchObject({ kind: "call" });
  });

  test.each([
    status('"x":"\\ud83d\\ude00"'),
    status('"x":"\\\\ud800"'),
    status('"x":{"a":{"a":{"a":[{"a":1},{"a":1}]}}}'),
    status('"x":["a","a"],"y":"x"'),
    status(`"params":${nested("[", "", "]", 126)}`),
    status(`"x":${list(262_140)}`),
    status(`"x":{${Array.from({ length: 131_072 }, (_, index) => `"${index}":0`).join(",")}}`),
  ])("passes at the edge: %.80s", (text) => {
    expect(execServerCodec.decode(text)).toMatchObject({ kind: "call", id: 1 });
  });
});
