import { closeSync, openSync, writeSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { HandedExecutor } from "../../src/handed-state.ts";
import { HANDOVER_VERSION, readHandOver, writeHandOver } from "../../src/handover-file.ts";
import { OutgoingBytes } from "../../src/platform/handed-bytes.ts";
import { makeMemoryFile } from "../../src/platform/memory-file.ts";

const NOTHING: HandedExecutor = {
  guard: { blocks: [] },
  groups: { lastNumber: 0, left: [] },
  targetsUser: "",
  runs: [],
  sessions: [],
};
const VERSION_AT = 8;

describe.runIf(process.platform === "linux")("what is handed to the next program", () => {
  test("is read as it was written, bytes by where they lie", () => {
    const bytes = new OutgoingBytes();
    const refs = [bytes.put(Buffer.from("one"), Buffer.from("two")), bytes.put(), bytes.put(Buffer.alloc(70_000, 7))];
    const many = Array.from({ length: 2_000 }, (_, n) => bytes.put(Buffer.from(String(n))));
    const fd = writeHandOver({ executor: NOTHING, program: { name: "ü" } }, bytes);
    const state = readHandOver<{ name: string }>(fd);
    expect(state).toMatchObject({ executor: NOTHING, program: { name: "ü" } });
    expect(refs.map((each) => state.bytes.get(each))).toEqual([
      Buffer.from("onetwo"),
      Buffer.alloc(0),
      Buffer.alloc(70_000, 7),
    ]);
    expect(many.map((each) => String(state.bytes.get(each)))).toEqual(many.map((_, n) => String(n)));
    closeSync(fd);
  });

  test("is refused when it is of another version, which is named", () => {
    const fd = writeHandOver({ executor: NOTHING, program: {} }, new OutgoingBytes());
    writeSync(fd, Uint32Array.of(HANDOVER_VERSION + 1), 0, 4, VERSION_AT);
    expect(() => readHandOver(fd)).toThrow(`version ${HANDOVER_VERSION + 1}, and this program takes version 1, 2`);
    closeSync(fd);
  });

  test("is refused when it is something else, or broken off", () => {
    const other = openSync("/proc/version", "r");
    expect(() => readHandOver(other)).toThrow("no state of an executor");
    closeSync(other);
    const empty = makeMemoryFile("test");
    expect(() => readHandOver(empty)).toThrow("broken off");
    closeSync(empty);
    const bytes = new OutgoingBytes();
    const ref = bytes.put(Buffer.from("abc"));
    const fd = writeHandOver({ executor: NOTHING, program: {} }, bytes);
    expect(() => readHandOver(fd).bytes.get([ref[0], 4])).toThrow("broken off");
    closeSync(fd);
  });
});
