import { Base64Bytes, createExecServerCodec } from "@holdfast/exec-server-protocol";
import { METHOD_SCHEMAS } from "@holdfast/exec-server-protocol/zod";
import { describe, expect, test } from "vitest";

const server = createExecServerCodec({ longBase64: "bytes" });
const client = createExecServerCodec({ strict: false, longBase64: "bytes" });
const DATA = Buffer.from(Array.from({ length: 9_000 }, (_, index) => (index * 7) & 0xff));
const LONG = DATA.toString("base64");

/** A frame as a transport has put it together. */
function alone(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}

function chunkOf(message: ReturnType<typeof client.decode>): Uint8Array {
  const { chunk } = (message.kind === "result" ? message.result : undefined) as { chunk: unknown };
  if (!(chunk instanceof Base64Bytes)) throw new Error("the chunk is no bytes");
  return chunk.bytes;
}

function decode(text: string | Buffer) {
  return server.decode(Buffer.from(text as string));
}

/** As whoever reads the message as a whole would have it. */
function asText(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

describe("long base64 arrives as bytes", () => {
  test.each([
    ["last", `{"id":1,"method":"fs/writeFile","params":{"path":"file:///a","dataBase64":"${LONG}"}}`],
    ["first", `{"id":1,"method":"fs/writeFile","params":{"dataBase64":"${LONG}","path":"file:///é"}}`],
    ["before the method", `{"params":{"path":"file:///a","dataBase64":"${LONG}"},"method":"fs/writeFile","id":1}`],
    ["between spaces", `{"id" : 1 , "method":"fs/writeFile" , "params" : { "dataBase64" :"${LONG}" , "path":"x" } }`],
  ])("of a call, %s among the members", (_, text) => {
    const whole = server.decode(text);
    const message = decode(text);
    expect(message).toMatchObject({ kind: "call", id: 1, params: { dataBase64: expect.any(Base64Bytes) } });
    expect(asText(message)).toEqual(asText(whole));
  });

  test.each([
    ["a notice", `{"method":"process/output","params":{"processId":"p","seq":1,"stream":"pty","chunk":"${LONG}"}}`],
    ["a result", `{"id":1,"result":{"chunk":"${LONG}","eof":false}}`],
  ])("of %s, for either side", (_, text) => {
    for (const codec of [server, client]) {
      const message = codec.decode(Buffer.from(text));
      const part = message.kind === "result" ? message.result : message.kind === "notice" ? message.params : undefined;
      const { chunk } = part as { chunk: unknown };
      expect(chunk instanceof Base64Bytes && DATA.equals(chunk.bytes)).toBe(true);
      expect(asText(message)).toEqual(asText(codec.decode(text)));
    }
  });

  const sizes = [6_144, 6_145, 6_146, 49_151, 49_152, 49_153, 98_303, 98_305, 200_000, 1_048_576, 1_048_577];
  test.each(sizes)("%i bytes at the place of a frame that shares its memory with nobody", (size) => {
    const data = Buffer.alloc(size, DATA);
    const frame = alone(`{"id":1,"result":{"eof":true,"chunk":"${data.toString("base64")}"}}`);
    const bytes = chunkOf(client.decode(frame));
    expect(data.equals(bytes)).toBe(true);
    expect(bytes.buffer).toBe(frame.buffer);
  });

  test.each(sizes)("%i bytes beside a frame that is a part of something", (size) => {
    const data = Buffer.alloc(size, DATA);
    const text = `{"id":1,"result":{"eof":true,"chunk":"${data.toString("base64")}"}}`;
    const whole = alone(`before${text}behind`);
    const bytes = chunkOf(client.decode(whole.subarray(6, -6)));
    expect(whole.toString()).toBe(`before${text}behind`);
    expect(data.equals(bytes)).toBe(true);
    expect(bytes.byteLength).toBe(bytes.buffer.byteLength);
  });

  test("and passes the validators as such", () => {
    const message = client.decode(Buffer.from(`{"id":1,"result":{"chunk":"${LONG}","eof":true}}`));
    if (message.kind !== "result") throw new Error(message.kind);
    const checked = METHOD_SCHEMAS["fs/readBlock"].result.schema.safeParse(message.result);
    expect(checked.data?.chunk).toEqual(DATA);
  });
});

test("as text, where nothing else was asked for", () => {
  const text = `{"id":1,"result":{"chunk":"${LONG}","eof":false}}`;
  expect(createExecServerCodec().decode(Buffer.from(text))).toMatchObject({ result: { chunk: LONG } });
});

describe("what is not plain is read as any other message:", () => {
  const member = (text: string) => `{"id":1,"method":"m","params":{"chunk":"${text}"}}`;
  const inParams = (json: string) => `{"id":1,"method":"m","params":${json}}`;
  test.each([
    ["a symbol that is none", member(`${LONG.slice(0, 5_000)}!${LONG.slice(5_001)}`)],
    ["a space within", member(`${LONG.slice(0, 5_000)} ${LONG.slice(5_001)}`)],
    ["padding within", member(`${LONG.slice(0, 5_000)}====${LONG.slice(5_004)}`)],
    ["three paddings", member(`${LONG.slice(0, -3)}===`)],
    ["only paddings", member("=".repeat(12_000))],
    ["the other alphabet", member(`${LONG.slice(0, 5_000)}-_${LONG.slice(5_002)}`)],
    ["stray bits", member(`${"A".repeat(11_998)}B=`)],
    ["a length that is none", member(LONG.slice(0, -1))],
    ["characters beyond ASCII", member(`${LONG.slice(0, 5_000)}éé${LONG.slice(5_002)}`)],
    ["an escape in it", member(`${LONG.slice(0, 5_000)}\\u0041${LONG.slice(5_000)}`)],
    ["an escaped quote before it", inParams(`{"path":"a\\"b","chunk":"${LONG}"}`)],
    ["another member's text", inParams(`{"argv":["x"],"env":{"chunk":"${LONG}"}}`)],
    ["the text of a list", inParams(`{"chunk":["${LONG}"]}`)],
    ["a member of another name", inParams(`{"path":"${LONG}"}`)],
    ["a member outside the params", `{"id":1,"method":"m","params":{},"chunk":"${LONG}"}`],
    ["an error's data", `{"id":1,"error":{"code":1,"message":"m","data":{"chunk":"${LONG}"}}}`],
    ["params that are a list", inParams(`[{"chunk":"${LONG}"}]`)],
    ["behind many strings", inParams(`{"list":[${'"a",'.repeat(100)}"a"],"chunk":"${LONG}"}`)],
  ])("%s", (_, text) => {
    expect(JSON.stringify(decode(text))).not.toContain("undefined");
    expect(decode(text)).toEqual(server.decode(text));
    expect(server.decode(alone(text))).toEqual(server.decode(text));
  });

  test("a symbol that is none, wherever it is, in as many pieces as it may be", () => {
    const long = Buffer.alloc(300_000, DATA).toString("base64");
    for (const at of [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000, 262_144, long.length - 5]) {
      const text = member(`${long.slice(0, at)}!${long.slice(at + 1)}`);
      const frame = alone(text);
      expect(server.decode(frame)).toEqual(server.decode(text));
      expect(frame.toString() === text, `${at}`).toBe(true);
    }
  });

  test.each([
    ["the member twice", inParams(`{"chunk":"","chunk":"${LONG}"}`), "duplicate JSON object key `chunk`"],
    ["the member twice, long first", inParams(`{"chunk":"${LONG}","chunk":""}`), "duplicate JSON object key `chunk`"],
    ["no end", `{"id":1,"method":"m","params":{"chunk":"${LONG}`, "not one JSON value"],
    ["no end behind it", `{"id":1,"method":"m","params":{"chunk":"${LONG}"`, "not one JSON value"],
  ])("%s is refused", (_, text, reason) => {
    expect(decode(text)).toEqual({ kind: "malformed", reason });
  });

  test.each([
    [
      "before it",
      Buffer.concat([Buffer.from('{"id":"'), Buffer.from([0xff]), Buffer.from(`","result":{"chunk":"${LONG}"}}`)]),
    ],
    [
      "in it",
      Buffer.concat([Buffer.from(`{"id":1,"result":{"chunk":"${LONG}`), Buffer.from([0xc3]), Buffer.from('"}}')]),
    ],
    [
      "behind it",
      Buffer.concat([
        Buffer.from(`{"id":1,"result":{"chunk":"${LONG}","a":"`),
        Buffer.from([0x80]),
        Buffer.from('"}}'),
      ]),
    ],
  ])("bytes that are no UTF-8 %s are refused", (_, frame) => {
    expect(server.decode(frame)).toEqual({ kind: "malformed", reason: "invalid UTF-8" });
  });
});
