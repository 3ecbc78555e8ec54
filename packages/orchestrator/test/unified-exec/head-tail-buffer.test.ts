import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HeadTailBuffer } from "../../src/unified-exec/head-tail-buffer.ts";

describe("a head-tail buffer", () => {
  test("keeps all of what fits", () => {
    const buffer = new HeadTailBuffer(8);
    buffer.push(Buffer.from("abc"));
    buffer.push(Buffer.from("defgh"));
    const { head, tail, omittedBytes, totalBytes } = buffer.take();
    expect(Buffer.from(head).toString()).toBe("abcdefgh");
    expect({ tail: tail.length, omittedBytes, totalBytes }).toEqual({ tail: 0, omittedBytes: 0, totalBytes: 8 });
  });

  test("keeps the first and the last half of more, and counts the middle", () => {
    const buffer = new HeadTailBuffer(8);
    for (const letter of "abcdefghijklm") buffer.push(Buffer.from(letter));
    const { head, tail, omittedBytes, totalBytes } = buffer.take();
    expect(Buffer.from(head).toString()).toBe("abcd");
    expect(Buffer.from(tail).toString()).toBe("jklm");
    expect({ omittedBytes, totalBytes }).toEqual({ omittedBytes: 5, totalBytes: 13 });
  });

  test("begins anew behind each take", () => {
    const buffer = new HeadTailBuffer(4);
    buffer.push(Buffer.from("abcdef"));
    buffer.take();
    expect(buffer.take().totalBytes).toBe(0);
    buffer.push(Buffer.from("xy"));
    expect(Buffer.from(buffer.take().head).toString()).toBe("xy");
  });

  test("gives the same whatever pieces the bytes come in", () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 30 });
    fc.assert(
      fc.property(pieces, fc.integer({ min: 1, max: 33 }), (parts, maxBytes) => {
        const whole = Buffer.concat(parts);
        const buffer = new HeadTailBuffer(maxBytes);
        for (const part of parts) buffer.push(part);
        const { head, tail, omittedBytes, totalBytes } = buffer.take();
        const half = Math.floor(maxBytes / 2);
        const isWhole = whole.length <= maxBytes;
        const expected = isWhole ? whole : Buffer.concat([whole.subarray(0, half), whole.subarray(-(maxBytes - half))]);
        expect(Buffer.concat([head, tail])).toEqual(expected);
        expect(totalBytes).toBe(whole.length);
        expect(omittedBytes).toBe(whole.length - expected.length);
      }),
    );
  });
});
