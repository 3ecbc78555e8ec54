import {
  Base64Bytes,
  BinaryMessages,
  createExecServerCodec,
  type EncodedFrame,
  type ExecServerCodec,
  type Inbound,
} from "@holdfast/exec-server-protocol";
import { BinaryFrame } from "@holdfast/protocol-kit";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";

/** From this length on, bytes do not travel as text. */
const LONG = 2 * 1024;

/** A codec whose far end is known to read binary messages. */
function speaking(options: { readonly strict?: boolean } = {}): ExecServerCodec {
  const binaryMessages = new BinaryMessages();
  binaryMessages.settle();
  return createExecServerCodec({ ...options, longBase64: "bytes", binaryMessages });
}

const text = createExecServerCodec({ longBase64: "bytes" });
const server = speaking();
const client = speaking({ strict: false });

/** The frame as a transport hands it up: in one piece, and in memory of its own. */
function arrived(frame: EncodedFrame): EncodedFrame {
  return frame instanceof BinaryFrame ? new BinaryFrame([Buffer.from(new Uint8Array(frame.whole()).buffer)]) : frame;
}

function message(json: string, behind: Uint8Array = new Uint8Array(0), length = Buffer.byteLength(json)): BinaryFrame {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(length);
  return new BinaryFrame([Buffer.concat([head, Buffer.from(json), behind])]);
}

/** The message with its bytes as a list of numbers, wherever they came from. */
function plain(inbound: Inbound): unknown {
  return JSON.parse(
    JSON.stringify(inbound, (_, value: unknown) =>
      value !== null && typeof value === "object" && "bytes" in value && value.bytes instanceof Uint8Array
        ? Buffer.from(value.bytes).toString("base64")
        : typeof value === "bigint"
          ? `${value}`
          : value,
    ),
  );
}

describe("a message with long bytes, where the far end reads binary messages,", () => {
  const bytes = Buffer.alloc(LONG, "a");
  const chunk = new Base64Bytes(bytes);

  test("is a length, the JSON without them, and they as they are", () => {
    const frame = server.encodeResult(7, { chunk, eof: false });
    if (!(frame instanceof BinaryFrame)) throw new Error("it is no binary message");
    const json = '{"id":7,"result":{"eof":false},"bytes":"chunk"}';
    expect(Buffer.from(frame.whole())).toEqual(Buffer.from(message(json, bytes).whole()));
  });

  test("may be a call, with a trace behind its params, or a notice", () => {
    const call = client.encodeCall({
      id: "é",
      method: "fs/writeBlock",
      params: { chunk },
      trace: { traceparent: "ü" },
    });
    expect(server.decode(arrived(call))).toMatchObject({
      kind: "call",
      id: "é",
      method: "fs/writeBlock",
      params: { chunk: { bytes } },
      trace: { traceparent: "ü" },
    });
    const notice = server.encodeNotice({ method: "process/output", params: { seq: 1, chunk } });
    expect(client.decode(arrived(notice))).toMatchObject({
      method: "process/output",
      params: { seq: 1, chunk: { bytes } },
    });
  });

  test("has its bytes where they arrived, without a copy, when the message shares its memory with none", () => {
    const frame = arrived(server.encodeResult(1, { chunk }));
    const decoded = client.decode(frame) as { readonly result: { readonly chunk: Base64Bytes } };
    if (!(frame instanceof BinaryFrame)) throw new Error("it is no binary message");
    expect(decoded.result.chunk.bytes.buffer).toBe(frame.whole().buffer);
    const shared = new BinaryFrame([Buffer.concat([frame.whole(), Buffer.from("next")]).subarray(0, frame.length)]);
    const copied = client.decode(shared) as { readonly result: { readonly chunk: Base64Bytes } };
    expect(copied.result.chunk.bytes.buffer.byteLength).toBe(LONG);
  });

  test("does not keep a long envelope in memory for short bytes behind it", () => {
    const json = JSON.stringify({ id: 1, result: { others: "x".repeat(100_000) }, bytes: "chunk" });
    const [head] = message(json, bytes).parts;
    const decoded = client.decode(new BinaryFrame([Buffer.from(new Uint8Array(head).buffer)]));
    expect((decoded as { readonly result: { readonly chunk: Base64Bytes } }).result.chunk.bytes.buffer.byteLength).toBe(
      LONG,
    );
  });

  test("goes out from where the bytes are when they stay, and they are given back when they have been sent", () => {
    const written = vi.fn<() => void>();
    const frame = server.encodeResult(1, { chunk: new Base64Bytes(bytes, written) });
    if (!(frame instanceof BinaryFrame)) throw new Error("it is no binary message");
    expect(frame.parts[1]).toBe(bytes);
    expect(written).not.toHaveBeenCalled();
    frame.taken();
    expect(written).toHaveBeenCalledOnce();
  });

  test("has a copy of bytes that may change once it is encoded", () => {
    const changing = Buffer.alloc(LONG, "b");
    const frame = arrived(server.encodeResult(1, { chunk: new Base64Bytes(changing) }));
    changing.fill("c");
    expect(client.decode(frame)).toMatchObject({ result: { chunk: { bytes: Buffer.alloc(LONG, "b") } } });
  });
});

test("short bytes, bytes deeper in a message and messages without any are text, as they are for everybody else", () => {
  const short = new Base64Bytes(Buffer.alloc(LONG - 1));
  const long = new Base64Bytes(Buffer.alloc(LONG));
  for (const params of [{ chunk: short }, { list: [{ chunk: long }] }, { chunk: "aGk=" }, {}]) {
    const call = { id: 1, method: "fs/writeBlock", params };
    expect(server.encodeCall(call)).toEqual(text.encodeCall(call));
    expect(server.encodeResult(1, params)).toEqual(text.encodeResult(1, params));
  }
});

describe("what the two ends know of each other", () => {
  const long = { chunk: new Base64Bytes(Buffer.alloc(LONG)) };

  test("nothing at first: all messages are text", () => {
    const codec = createExecServerCodec({ longBase64: "bytes", binaryMessages: new BinaryMessages() });
    expect(codec.encodeResult(1, long)).toEqual(text.encodeResult(1, long));
    expect(codec.encodeNotice({ method: "initialized", params: {} })).toBe('{"method":"initialized","params":{}}');
  });

  test("a client that begins tells so by its next notice, once, and its long bytes are binary from then on", () => {
    const binaryMessages = new BinaryMessages();
    const codec = createExecServerCodec({ strict: false, longBase64: "bytes", binaryMessages });
    binaryMessages.begin();
    const notice = { method: "initialized", params: {} };
    const first = codec.encodeNotice(notice);
    expect(first).toBeInstanceOf(BinaryFrame);
    expect(text.decode(arrived(first))).toEqual({ kind: "notice", ...notice });
    expect(codec.encodeNotice(notice)).toBe('{"method":"initialized","params":{}}');
    expect(codec.encodeCall({ id: 1, method: "fs/writeBlock", params: long })).toBeInstanceOf(BinaryFrame);
  });

  test("an executor sends binary messages from the first that it has read on, and not for one that it could not read", () => {
    const codec = createExecServerCodec({ longBase64: "bytes", binaryMessages: new BinaryMessages() });
    const isBinary = (): boolean => codec.encodeResult(1, long) instanceof BinaryFrame;
    codec.decode('{"method":"initialized"}');
    codec.decode(new BinaryFrame([Buffer.from('{"method":"initialized"}')]));
    expect(codec.decode(message("{"))).toMatchObject({ kind: "malformed" });
    expect(isBinary()).toBe(false);
    expect(codec.decode(message('{"method":"initialized"}'))).toEqual({
      kind: "notice",
      method: "initialized",
      params: undefined,
    });
    expect(isBinary()).toBe(true);
  });

  test("a codec that leaves base64 as text reads none, and says so", () => {
    expect(createExecServerCodec().decode(message('{"method":"initialized"}'))).toEqual({
      kind: "malformed",
      reason: "binary messages are not read here",
    });
  });
});

describe("a binary message that is none", () => {
  const write = '{"id":1,"method":"fs/writeBlock","params":{"handleId":"h"},"bytes":"chunk"}';
  const bytes = Buffer.from("bytes");

  test.each([
    ["no length", new BinaryFrame([Buffer.from([0, 0, 0])]), "a binary message of 3 bytes has no length"],
    [
      "a JSON that ends before its length",
      message("{}", bytes, 8),
      "the JSON of a binary message has 8 bytes, and only 7 came",
    ],
    [
      "a length beyond any message",
      new BinaryFrame([Buffer.from([0x08, 0xff, 0xff, 0xff, 0x7b])]),
      "the JSON of a binary message has 150994943 bytes, and only 1 came",
    ],
    ["no JSON", message("", bytes), "no JSON in the message"],
    ["a length in the middle of the JSON", message(write, bytes, 20), "not one JSON value"],
    ["a length behind the JSON", message(write, bytes, write.length + 2), "not one JSON value"],
    ["a JSON that is no UTF-8", message("\u00e9", bytes, 1), "invalid UTF-8"],
    [
      "bytes of nothing",
      message('{"id":1,"method":"fs/writeBlock","params":{}}', bytes),
      "`bytes` does not say what the 5 bytes behind the JSON are",
    ],
    ["two names", message(write.replace('"chunk"', '["chunk","dataBase64"]'), bytes), "`bytes` is no name of a member"],
    [
      "a member that holds no bytes",
      message(write.replace('"chunk"', '"handleId"'), bytes),
      "`bytes` names a member that has no bytes in this message",
    ],
    [
      "a member of every object",
      message(write.replace('"chunk"', '"__proto__"'), bytes),
      "`bytes` names a member that has no bytes in this message",
    ],
    [
      "bytes of another method",
      message(write.replace('"chunk"', '"dataBase64"'), bytes),
      "`bytes` names a member that has no bytes in this message",
    ],
    [
      "bytes of a method without",
      message('{"id":1,"method":"fs/getMetadata","params":{},"bytes":"chunk"}', bytes),
      "`bytes` names a member that has no bytes in this message",
    ],
    [
      "bytes without params",
      message('{"id":1,"method":"fs/writeBlock","bytes":"chunk"}', bytes),
      "`bytes` names a member that has no bytes in this message",
    ],
    [
      "bytes of a failure",
      message('{"id":1,"error":{"code":1,"message":"m"},"bytes":"chunk"}', bytes),
      "`bytes` names a member that has no bytes in this message",
    ],
    [
      "bytes within and behind",
      message(write.replace('"h"', '"h","chunk":"aGk="'), bytes),
      "`chunk` is in the JSON and behind it",
    ],
    [
      "a member twice",
      message(write.replace('"h"', '"h","handleId":"h"'), bytes),
      "duplicate JSON object key `handleId`",
    ],
  ])("is answered by what is wrong with it: %s", (_what, frame, reason) => {
    expect(server.decode(frame)).toEqual({ kind: "malformed", reason });
  });

  test("is not one of a method that nobody knows here: that is refused by its name", () => {
    const frame = message('{"id":1,"method":"holdfast/tomorrow","params":{},"bytes":"chunk"}', bytes);
    expect(server.decode(frame)).toMatchObject({ kind: "call", method: "holdfast/tomorrow" });
  });

  test("is not one without bytes, or with none", () => {
    expect(server.decode(message('{"id":1,"method":"a"}'))).toMatchObject({ kind: "call", id: 1 });
    expect(server.decode(message(write))).toMatchObject({ params: { chunk: { bytes: Buffer.alloc(0) } } });
  });
});

describe("whatever is sent", () => {
  const members = fc.constantFrom("chunk", "dataBase64", "deltaBase64", "bodyBase64", "targetBase64");
  const part = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 });

  test("means the same as a binary message and as text", () => {
    fc.assert(
      fc.property(
        part,
        members,
        fc.uint8Array({ minLength: LONG, maxLength: LONG + 64 }),
        fc.boolean(),
        (others, name, bytes, stays) => {
          const chunk = stays ? Base64Bytes.kept(bytes) : new Base64Bytes(bytes);
          const result = { ...others, [name]: chunk };
          for (const [sent, plainText] of [
            [server.encodeResult(1, result), text.encodeResult(1, result)],
            [
              client.encodeCall({ id: 2, method: "none", params: result }),
              text.encodeCall({ id: 2, method: "none", params: result }),
            ],
          ] as const) {
            const whole = plainText instanceof Uint8Array ? Buffer.from(plainText) : plainText;
            expect(sent).toBeInstanceOf(BinaryFrame);
            expect(plain(client.decode(arrived(sent)))).toEqual(plain(client.decode(whole)));
          }
        },
      ),
    );
  });

  test("as bytes is a message or malformed, and never throws", () => {
    const json = fc.oneof(fc.json(), fc.constant('{"id":1,"method":"fs/writeBlock","params":{},"bytes":"chunk"}'));
    const framed = fc
      .tuple(json, fc.uint8Array({ maxLength: 40 }), fc.oneof(fc.constant(undefined), fc.nat(200)))
      .map(([body, behind, length]) => message(body, behind, length).whole());
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), framed), (bytes) => {
        for (const codec of [server, client, text]) {
          const { kind } = codec.decode(new BinaryFrame([bytes]));
          expect(["call", "notice", "result", "failure", "malformed"]).toContain(kind);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test("cut or changed in one place is never taken for more bytes than there are", () => {
    const frame = server.encodeResult(1, { chunk: new Base64Bytes(Buffer.alloc(LONG, "x")) });
    if (!(frame instanceof BinaryFrame)) throw new Error("it is no binary message");
    const whole = Buffer.from(frame.whole());
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.boolean(), (at, value, isCut) => {
        const bent = Buffer.from(isCut ? whole.subarray(0, at) : whole);
        if (!isCut) bent[at] = value;
        const decoded = client.decode(new BinaryFrame([bent]));
        if (decoded.kind !== "result") return;
        const { chunk } = decoded.result as { readonly chunk?: unknown };
        if (chunk instanceof Base64Bytes) expect(chunk.bytes.byteLength).toBeLessThanOrEqual(bent.length - 4);
      }),
    );
  });
});
