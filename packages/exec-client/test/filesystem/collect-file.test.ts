import { expect, test } from "vitest";
import { collectFile } from "../../src/filesystem/collect-file.ts";

async function* blocks(...sizes: number[]): AsyncGenerator<Uint8Array, void, void> {
  for (const size of sizes) yield new Uint8Array(size).fill(size);
}

test.each([
  ["as large as it was said to be", 5, [2, 3]],
  ["smaller", 9, [2, 3]],
  ["larger", 1, [2, 3]],
  ["empty", 9, []],
])("collects a file that is %s", async (_, size, sizes) => {
  const collected = await collectFile(blocks(...sizes), { size, maxBytes: 9 });
  expect([...collected]).toEqual(sizes.flatMap((each) => Array<number>(each).fill(each)));
  expect(collected.buffer.byteLength).toBe(collected.byteLength);
});

test("takes as many bytes as it may, and not one more, in memory that is bounded too", async () => {
  expect(await collectFile(blocks(4, 5), { size: 4, maxBytes: 9 })).toHaveLength(9);
  let ended = false;
  const endless = async function* () {
    try {
      for (;;) yield new Uint8Array(4);
    } finally {
      ended = true;
    }
  };
  await expect(collectFile(endless(), { size: 4, maxBytes: 9 })).rejects.toMatchObject({
    name: "FileTransferError",
    code: "changed",
    message: expect.stringContaining("limit is 9 bytes"),
  });
  expect(ended).toBe(true);
});
