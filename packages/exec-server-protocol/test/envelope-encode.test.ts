import { createExecServerCodec, execServerCodec } from "@holdfast/exec-server-protocol";
import { describe, expect, test } from "vitest";

describe("what goes on the wire", () => {
  test("has no version member and leaves out what is absent", () => {
    expect(execServerCodec.encodeCall({ id: 1, method: "a", params: undefined })).toBe('{"id":1,"method":"a"}');
    expect(execServerCodec.encodeCall({ id: "x", method: "a", params: null })).toBe(
      '{"id":"x","method":"a","params":null}',
    );
    expect(execServerCodec.encodeNotice({ method: "a", params: {} })).toBe('{"method":"a","params":{}}');
    expect(execServerCodec.encodeFailure(1, { code: -32601, message: "no", data: undefined })).toBe(
      '{"id":1,"error":{"code":-32601,"message":"no"}}',
    );
  });

  test("carries the trace of a call", () => {
    const trace = { traceparent: "00-1", tracestate: null };
    expect(execServerCodec.encodeCall({ id: 1, method: "a", params: {}, trace })).toBe(
      '{"id":1,"method":"a","params":{},"trace":{"traceparent":"00-1","tracestate":null}}',
    );
  });

  test("has a result even when there is nothing to say", () => {
    expect(execServerCodec.encodeResult(1, undefined)).toBe('{"id":1,"result":{}}');
    expect(execServerCodec.encodeResult(1, null)).toBe('{"id":1,"result":null}');
  });

  test("carries the data of a failure", () => {
    expect(execServerCodec.encodeFailure("a", { code: 1, message: "m", data: 0 })).toBe(
      '{"id":"a","error":{"code":1,"message":"m","data":0}}',
    );
  });

  test.each(["9223372036854775807", "-9223372036854775808", "9007199254740993", "12", '"12"'])(
    "writes the id %s back digit for digit",
    (text) => {
      const call = execServerCodec.decode(`{"id":${text},"method":"a"}`);
      if (call.kind !== "call") throw new Error(`decoded as ${call.kind}`);
      expect(execServerCodec.encodeResult(call.id, { b: 1 })).toBe(`{"id":${text},"result":{"b":1}}`);
      expect(execServerCodec.encodeCall({ ...call, params: {} })).toBe(`{"id":${text},"method":"a","params":{}}`);
      expect(execServerCodec.encodeFailure(call.id, { code: 1, message: "m" })).toBe(
        `{"id":${text},"error":{"code":1,"message":"m"}}`,
      );
    },
  );
});

describe("answers to malformed frames", () => {
  test("name the peer on a WebSocket", () => {
    expect(execServerCodec.encodeMalformed("why", { transport: "websocket", peerName: "127.0.0.1:5" })).toBe(
      '{"id":-1,"error":{"code":-32600,"message":"failed to parse websocket JSON-RPC message from exec-server websocket 127.0.0.1:5: why"}}',
    );
  });

  test("name the transport on standard input and output", () => {
    expect(execServerCodec.encodeMalformed("why", { transport: "stdio", peerName: "ignored" })).toBe(
      '{"id":-1,"error":{"code":-32600,"message":"failed to parse JSON-RPC message from exec-server stdio: why"}}',
    );
  });

  test("come from the side that answers only, because a stray failure ends the connection", () => {
    const client = createExecServerCodec({ strict: false });
    expect(client.encodeMalformed("why", { transport: "stdio", peerName: "" })).toBeUndefined();
  });
});
