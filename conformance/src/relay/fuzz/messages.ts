import type { Layout, Prefix, Said } from "./case.ts";

const LARGEST_MESSAGE_BYTES = 67_108_864;
const LONGEST_RECORD_BYTES = 61_440;
const PREFIX_BYTES = 4;
const DEEP = 200;

/** A method that nobody has: it is answered by an error, without anything being done. */
const METHOD = "fuzz/none";

export function request(id: number): Buffer {
  return Buffer.from(JSON.stringify({ id, method: METHOD, params: {} }));
}

/** @param id - Of the request that it would be. */
export function saidWith(said: Said, id: number): Buffer {
  const plain = { id, method: METHOD, params: {} };
  const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
  switch (said) {
    case "request":
      return request(id);
    case "with jsonrpc":
      return json({ jsonrpc: "2.0", ...plain });
    case "notice":
      return json({ method: METHOD, params: {} });
    case "answer":
      return json({ id, result: {} });
    case "text id":
      return json({ ...plain, id: `text-${id}` });
    case "null id":
      return json({ ...plain, id: null });
    case "array":
      return json([1, 2]);
    case "empty array":
      return json([]);
    case "number":
      return json(1);
    case "null":
      return json(null);
    case "text":
      return json("text");
    case "empty object":
      return json({});
    case "garbage":
      return Buffer.from("garbage");
    case "cut JSON":
      return request(id).subarray(0, -3);
    case "no UTF-8":
      return Buffer.concat([Buffer.from(`{"id":${id},"method":"`), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
    case "spaces":
      return Buffer.from(` \n\t${request(id).toString()} \n`);
    case "mark":
      return Buffer.from(`\ufeff${request(id).toString()}`);
    case "double members":
      return Buffer.from(`{"id":${id},"id":${id},"method":"${METHOD}","params":{}}`);
    case "method of another type":
      return json({ ...plain, method: 1 });
    case "params of another type":
      return json({ ...plain, params: "text" });
    case "deep":
      return Buffer.from(`{"id":${id},"method":"${METHOD}","params":${"[".repeat(DEEP)}${"]".repeat(DEEP)}}`);
  }
}

export function prefixed(message: Buffer, prefix: Prefix = "right"): Buffer {
  const length = {
    right: message.length,
    zero: 0,
    "too large": LARGEST_MESSAGE_BYTES + 1,
    largest: LARGEST_MESSAGE_BYTES,
    "one short": message.length - 1,
    "one long": message.length + 1,
  }[prefix];
  const head = Buffer.alloc(PREFIX_BYTES);
  head.writeUInt32BE(length);
  return Buffer.concat([head, message]);
}

/** The plaintexts of records that carry these messages. */
export function laid(messages: readonly Buffer[], layout: Layout): readonly Buffer[] {
  const whole = Buffer.concat(messages);
  switch (layout) {
    case "one each":
      return messages;
    case "all in one":
      return [whole];
    case "byte by byte":
      return Array.from(whole, (byte) => Buffer.from([byte]));
    case "halves":
      return messages.flatMap((message) => [message.subarray(0, 3), message.subarray(3)]);
    case "empty between":
      return messages.flatMap((message) => [Buffer.alloc(0), message, Buffer.alloc(0)]);
    case "longest":
      return [Buffer.concat([whole, filler(LONGEST_RECORD_BYTES - whole.length)])];
  }
}

/** A notice that takes so many bytes with its length. */
function filler(bytes: number): Buffer {
  const head = '{"method":"fuzz/none","params":{"x":"';
  const tail = '"}}';
  return prefixed(Buffer.from(`${head}${"x".repeat(bytes - PREFIX_BYTES - head.length - tail.length)}${tail}`));
}
