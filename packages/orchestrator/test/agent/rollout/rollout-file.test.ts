import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mountSmallDisk, tempDir } from "@holdfast/testkit";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { READ_CHUNK_BYTES } from "../../../src/agent/rollout/limits.ts";
import { readLines } from "../../../src/agent/rollout/read-lines.ts";
import { RolloutWriter } from "../../../src/agent/rollout/rollout-writer.ts";

async function linesOf(path: string, end?: number): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const { text } of readLines(path, { end })) lines.push(text);
  return lines;
}

describe("the lines of a file", () => {
  test("are whole wherever the pieces end in which it is read", async () => {
    await using folder = await tempDir();
    const path = join(folder.path, "f");
    const long = [READ_CHUNK_BYTES - 1, READ_CHUNK_BYTES, READ_CHUNK_BYTES + 1, 3 * READ_CHUNK_BYTES];
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.string({ unit: "grapheme" }),
            fc.constantFrom(...long).map((size) => "é".repeat(size / 2)),
          ),
        ),
        fc.boolean(),
        async (texts, hasEnd) => {
          const lines = texts.map((text) => text.replaceAll("\n", ""));
          writeFileSync(path, lines.join("\n") + (hasEnd ? "\n" : ""));
          const bytes = readFileSync(path);
          for await (const line of readLines(path)) {
            expect(bytes.toString("utf8", line.offset, line.offset + line.length)).toBe(line.text);
          }
          expect(await linesOf(path)).toEqual(lines.filter((line) => line !== ""));
        },
      ),
      { numRuns: 30 },
    );
  });

  test("are read as far as is asked for", async () => {
    await using folder = await tempDir();
    const path = join(folder.path, "f");
    writeFileSync(path, "one\ntwo\nthree\n");
    expect(await linesOf(path, 8)).toEqual(["one", "two"]);
    expect(await linesOf(path, 10)).toEqual(["one", "two", "th"]);
    expect(await linesOf(path, 0)).toEqual([]);
  });
});

describe("who appends to a file", () => {
  test("says where each record lies", async () => {
    await using folder = await tempDir();
    const path = join(folder.path, "a", "b", "f");
    using writer = new RolloutWriter(path, { nextOrdinal: 3 });
    const records = ["é", "b"].map((text) => ({ type: "t", payload: { text } }));
    const places = writer.append(records, 0);
    const bytes = readFileSync(path);
    expect(places.map(({ offset, length }) => JSON.parse(bytes.toString("utf8", offset, offset + length)))).toEqual(
      records.map((record, at) => ({ timestamp: "1970-01-01T00:00:00.000Z", ordinal: 3 + at, ...record })),
    );
  });

  const disk = mountSmallDisk(256);
  afterAll(() => {
    if ("path" in disk) disk.unmount();
  });

  test.skipIf("reason" in disk)("leaves it as it was when the disk is full", () => {
    if ("reason" in disk) return;
    const path = join(disk.path, "f");
    using writer = new RolloutWriter(path, { nextOrdinal: 0 });
    writer.append([{ type: "t", payload: {} }], 0);
    const before = readFileSync(path, "utf8");
    const large = { type: "t", payload: { text: "x".repeat(1024 * 1024) } };
    expect(() => writer.append([large], 0)).toThrow(/ENOSPC/);
    expect(readFileSync(path, "utf8")).toBe(before);
    writer.append([{ type: "t", payload: {} }], 0);
    expect(readFileSync(path, "utf8").split("\n")).toHaveLength(3);
  });
});
