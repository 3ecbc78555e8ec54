import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nativeBytes, nativeText } from "../src/native-text.ts";

describe("native text", () => {
  test("gives any bytes back", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(nativeBytes(nativeText(Buffer.from(bytes)))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test("gives any text back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(nativeText(nativeBytes(text))).toBe(text);
      }),
    );
  });

  test.each([
    ["UTF-8 as it is", Buffer.from("né🚀"), "né🚀"],
    ["a byte that is none by itself", Buffer.from([0x61, 0xe9, 0x62]), "a\udce9b"],
    ["a character that is cut", Buffer.from("🚀").subarray(0, 3), "\udcf0\udc9f\udc9a"],
    ["a half character in UTF-8's clothes", Buffer.from([0xed, 0xb3, 0xa9]), "\udced\udcb3\udca9"],
  ])("writes %s", (_, bytes, text) => {
    expect(nativeText(bytes)).toBe(text);
    expect(nativeBytes(text)).toEqual(bytes);
  });
});
