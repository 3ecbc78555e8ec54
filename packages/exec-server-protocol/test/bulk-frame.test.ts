import { readdir, readFile } from "node:fs/promises";
import {
  Base64Bytes,
  createExecServerCodec,
  type EncodedFrame,
  execServerCodec,
  type FsReadBlockResult,
  type ProcessOutputNotice,
  type ProcessStartResult,
  type RpcId,
  type Sendable,
} from "@holdfast/exec-server-protocol";
import { describe, expect, expectTypeOf, test } from "vitest";

const MIB = 1024 * 1024;

/** The text of a frame that must be bytes of valid UTF-8. */
function textOf(frame: EncodedFrame): string {
  if (!(frame instanceof Uint8Array)) throw new Error("the frame is no text as bytes");
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(frame);
}

/** Numbers below `below`, the same in every run. */
function dice(seed: number) {
  let state = seed;
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const WORDS = [
  "",
  "a",
  '"',
  "\\",
  "\u0000",
  "é",
  "漢字",
  "🚀",
  "\u2028",
  "\ud800",
  "id",
  "chunk",
  "__proto__",
  "x".repeat(300),
];

describe("a message that carries bytes", () => {
  test("is written with the base64 of the bytes, as bytes", () => {
    const chunk = new Base64Bytes(Buffer.from("hi"));
    expect(
      textOf(execServerCodec.encodeNotice({ method: "process/output", params: { seq: 1, chunk, stream: "pty" } })),
    ).toBe('{"method":"process/output","params":{"seq":1,"stream":"pty","chunk":"aGk="}}');
    expect(textOf(execServerCodec.encodeResult(7, { chunk }))).toBe('{"id":7,"result":{"chunk":"aGk="}}');
    expect(
      textOf(execServerCodec.encodeCall({ id: "é", method: "m", params: { chunk }, trace: { traceparent: "ü" } })),
    ).toBe('{"id":"é","method":"m","params":{"chunk":"aGk="},"trace":{"traceparent":"ü"}}');
    expect(textOf(execServerCodec.encodeCall({ id: 2n ** 60n, method: "m", params: { chunk }, trace: null }))).toBe(
      '{"id":1152921504606846976,"method":"m","params":{"chunk":"aGk="}}',
    );
  });

  test("takes the part of a larger buffer that it was given, and no bytes at all", () => {
    const whole = Buffer.from("abcdefgh");
    expect(textOf(execServerCodec.encodeResult(1, { chunk: new Base64Bytes(whole.subarray(2, 5)) }))).toContain(
      '"Y2Rl"',
    );
    expect(textOf(execServerCodec.encodeResult(1, { chunk: new Base64Bytes(new Uint8Array()) }))).toBe(
      '{"id":1,"result":{"chunk":""}}',
    );
  });

  test("may carry more of them, and deeper ones", () => {
    const [a, b] = [new Base64Bytes(Buffer.from("a")), new Base64Bytes(Buffer.from("b"))];
    expect(JSON.parse(textOf(execServerCodec.encodeResult(1, { a, b, list: [{ chunk: a }] })))).toEqual({
      id: 1,
      result: { a: "YQ==", b: "Yg==", list: [{ chunk: "YQ==" }] },
    });
    expect(execServerCodec.encodeResult(1, { chunks: [{ chunk: b }] })).toBe(
      '{"id":1,"result":{"chunks":[{"chunk":"Yg=="}]}}',
    );
  });

  test("is the same message to the other side as one with text, whatever is around the bytes", () => {
    const roll = dice(20);
    const word = () => WORDS[roll(WORDS.length)] ?? "";
    const codecs = [execServerCodec, createExecServerCodec({ strict: false })];
    for (let round = 0; round < 2_000; round += 1) {
      const bytes = Buffer.from(Array.from({ length: roll(round % 100 === 0 ? 70_000 : 9) }, () => roll(256)));
      const ids: readonly RpcId[] = [roll(1_000), -roll(1_000), 2n ** 62n, word()];
      const id = ids[roll(ids.length)] ?? 0;
      const method = word();
      const others = {
        [`${word()}1`]: word(),
        n: roll(2) === 0 ? null : roll(1e9) / 8,
        deep: { [`${word()}2`]: [word()] },
      };
      const name = `${word()}3`;
      // Half a character can not be sent at all; the other side refuses it either way.
      const trace = roll(2) === 0 ? undefined : { traceparent: word() };
      const sent = { ...others, [name]: new Base64Bytes(bytes) };
      const plain = { ...others, [name]: bytes.toString("base64") };
      for (const codec of codecs) {
        expect(codec.decode(codec.encodeCall({ id, method, params: sent, trace }))).toEqual(
          codec.decode(codec.encodeCall({ id, method, params: plain, trace })),
        );
        expect(codec.decode(codec.encodeNotice({ method, params: sent }))).toEqual(
          codec.decode(codec.encodeNotice({ method, params: plain })),
        );
        expect(codec.decode(codec.encodeResult(id, sent))).toEqual(codec.decode(codec.encodeResult(id, plain)));
      }
    }
  });

  test("carries up to 1 MiB, whole pieces and what is left of a triple", () => {
    for (const length of [65_535, 65_536, 65_537, 72 * 1024, 72 * 1024 + 1, MIB - 1, MIB, MIB + 1]) {
      const bytes = Buffer.from(Array.from({ length: 251 }, (_, index) => index)).toString("latin1");
      const data = Buffer.alloc(length, bytes, "latin1");
      const frame = textOf(execServerCodec.encodeResult(1, { dataBase64: new Base64Bytes(data), eof: true }));
      const decoded = execServerCodec.decode(frame);
      expect(decoded).toEqual({ kind: "result", id: 1, result: { dataBase64: data.toString("base64"), eof: true } });
    }
  });

  test("is text to anybody who makes JSON of it", () => {
    expect(JSON.stringify({ chunk: new Base64Bytes(Buffer.from("hi")) })).toBe('{"chunk":"aGk="}');
  });
});

test("exactly the members that hold base64 may be bytes", () => {
  expectTypeOf<Sendable<FsReadBlockResult>["chunk"]>().toEqualTypeOf<string | Base64Bytes>();
  expectTypeOf<Sendable<ProcessOutputNotice>["processId"]>().toEqualTypeOf<string>();
  expectTypeOf<Sendable<ProcessStartResult>>().toEqualTypeOf<ProcessStartResult>();
});

test("the members that hold base64 are those that the schemas say", async () => {
  const folders = ["exec-server", "holdfast"].map((api) => new URL(`../../../schemas/${api}/`, import.meta.url));
  const names = new Set<string>();
  for (const folder of folders) {
    for (const file of await readdir(folder)) {
      if (!file.endsWith(".json") || file === "openrpc.json") continue;
      const text = await readFile(new URL(file, folder), "utf8");
      JSON.parse(text, (name, value: { contentEncoding?: string } | undefined) => {
        if (value?.contentEncoding === "base64") names.add(name);
        return value;
      });
    }
  }
  const bytes = new Base64Bytes(Buffer.alloc(0));
  // Each of them may be bytes, or this does not compile.
  const every: Sendable<{
    bodyBase64: string;
    chunk: string;
    dataBase64: string;
    deltaBase64: string;
    targetBase64: string;
  }> = {
    bodyBase64: bytes,
    chunk: bytes,
    dataBase64: bytes,
    deltaBase64: bytes,
    targetBase64: bytes,
  };
  expect([...names].sort()).toEqual(Object.keys(every));
});
