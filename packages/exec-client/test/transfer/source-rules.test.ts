import { IGNORE_FILE_MAX_BYTES, pathUriFromNative } from "@holdfast/path-uri";
import { expect, test } from "vitest";
import { notIgnoredAtSource } from "../../src/transfer/source-rules.ts";
import type { Transfer } from "../../src/transfer/transfer.ts";
import { keyOf, type TreeEntry } from "../../src/transfer/tree-entry.ts";
import { TreeFilter } from "../../src/transfer/tree-filter.ts";

const MIB = 1_048_576;

function entry(path: string, kind: TreeEntry["kind"]): TreeEntry {
  return { path: Buffer.from(path), kind, mode: undefined, size: 0 };
}

test("of a .gitignore that has grown since it was looked at, no more is read than may be in it, and what is below its folder stays", async () => {
  const asked: unknown[] = [];
  const fs = {
    lstat: async () => ({ kind: "file", size: 10 }),
    // What is sent is the executor's choice.
    createReadStream: (_: unknown, { length }: { length?: number }) => {
      asked.push(length);
      let readBytes = 0;
      return new ReadableStream({
        pull(controller) {
          if (length === undefined || readBytes >= length) return controller.close();
          const block = new Uint8Array(Math.min(MIB, length - readBytes)).fill(0x61);
          readBytes += block.byteLength;
          controller.enqueue(block);
        },
      });
    },
  };
  const transfer = { executor: { fs }, filter: { gitignore: true }, signal: new AbortController().signal };
  const listed = new Map(
    [entry("", "folder"), entry("in", "folder"), entry("in/deep", "folder")].map((each) => [keyOf(each.path), each]),
  );
  const root = pathUriFromNative("/srv", "posix");
  const extras = [entry("in/deep/extra", "file"), entry("in/extra", "file"), entry("other", "file")];
  const removed = await notIgnoredAtSource(transfer as unknown as Transfer, { root, listed }, extras);
  expect(removed).toEqual([]);
  expect(asked.every((length) => length === IGNORE_FILE_MAX_BYTES + 1)).toBe(true);
});

test("what a .gitignore that can't be followed might leave out stays, however far below its folder it is", () => {
  const filter = TreeFilter.of({ gitignore: true });
  expect(() => filter?.follow(Buffer.from("in"), new Uint8Array(IGNORE_FILE_MAX_BYTES + 1))).toThrow("left out");
  const entries = ["in/deep/extra", "in/extra", "into/extra"].map((path) => entry(path, "file"));
  expect(filter?.admitted(entries)).toEqual([entry("into/extra", "file")]);
});
