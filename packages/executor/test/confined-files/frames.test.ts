import { describe, expect, test } from "vitest";
import { encodeFrame, type Frame, FrameDecoder, FrameError, NO_PAYLOAD } from "../../src/confined-files/frames.ts";

function bytes(...frames: readonly Frame[]) {
  return Buffer.concat(frames.flatMap((frame) => encodeFrame(frame)));
}

const ONE: Frame = { json: { a: "ä" }, payload: Buffer.from("content") };
const TWO: Frame = { json: [1], payload: NO_PAYLOAD };

describe("frames between executor and helper", () => {
  test("arrive whole, however they are cut", () => {
    const all = bytes(ONE, TWO, ONE);
    for (let size = 1; size <= all.length; size += 1) {
      const decoder = new FrameDecoder(() => 1_000);
      const frames: Frame[] = [];
      for (let at = 0; at < all.length; at += size) frames.push(...decoder.push(all.subarray(at, at + size)));
      expect(frames.map(({ json, payload }) => [json, payload.toString()])).toEqual([
        [{ a: "ä" }, "content"],
        [[1], ""],
        [{ a: "ä" }, "content"],
      ]);
    }
  });

  test.each([
    ["longer than is allowed", Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0])],
    ["with more JSON than there is", Buffer.from([0, 0, 0, 1, 0, 0, 0, 2, 0x31])],
    ["without JSON", Buffer.from([0, 0, 0, 1, 0, 0, 0, 0, 0x31])],
    ["with broken JSON", Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 0x7b])],
  ])("%s are refused", (_, wrong) => {
    expect(() => new FrameDecoder(() => 1_000).push(wrong)).toThrow(FrameError);
  });

  test("are measured when they begin, not when they end", () => {
    let maxBytes = 1_000;
    const decoder = new FrameDecoder(() => maxBytes);
    const text = bytes(ONE);
    decoder.push(text.subarray(0, 9));
    maxBytes = 1;
    expect(decoder.push(text.subarray(9))).toHaveLength(1);
  });
});
