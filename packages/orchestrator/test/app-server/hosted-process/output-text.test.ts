import { expect, test } from "vitest";
import { outputText } from "../../../src/app-server/hosted-process/output-text.ts";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

test("output that is UTF-8 is read as it is, its byte order mark kept", () => {
  expect(outputText(Buffer.from("café ✓"))).toBe("café ✓");
  expect(outputText(bytes(0xef, 0xbb, 0xbf, 0x62))).toBe("\ufeffb");
  expect(outputText(bytes())).toBe("");
});

test("output with the mark of UTF-16 is read as that, in either order", () => {
  expect(outputText(bytes(0xff, 0xfe, 0x61, 0x00))).toBe("a");
  expect(outputText(bytes(0xfe, 0xff, 0x00, 0x61))).toBe("a");
});

test("output in no Unicode at all is text of the west, in which no byte is lost", () => {
  expect(outputText(bytes(0x63, 0x61, 0x66, 0xe9))).toBe("café");
  expect(outputText(bytes(0x80, 0x93, 0x94))).toBe("€“”");
  const all = Uint8Array.from({ length: 256 }, (_, value) => value);
  expect(outputText(all)).toHaveLength(256);
});
