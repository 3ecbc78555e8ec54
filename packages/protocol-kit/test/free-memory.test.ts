import { expect, test } from "vitest";
import { freeMemory } from "../src/free-memory.ts";

test("long bytes are gone once their memory is given back", () => {
  const bytes = new Uint8Array(64 * 1024);
  const part = bytes.subarray(1_000);
  freeMemory(part);
  expect([bytes.byteLength, part.byteLength]).toEqual([0, 0]);
  freeMemory(bytes);
});

test("short bytes, and bytes that threads share, stay", () => {
  const short = new Uint8Array(100);
  const shared = new Uint8Array(new SharedArrayBuffer(64 * 1024));
  freeMemory(short);
  freeMemory(shared);
  expect([short.byteLength, shared.byteLength]).toEqual([100, 64 * 1024]);
});
