import { writeFileSync } from "node:fs";
import { compilePathGlobs } from "@holdfast/path-uri";
import { tempDir, until } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { searchText } from "../../src/search/index.ts";

test("few files are in memory at once, however many searches there are", async () => {
  await using folder = await tempDir();
  writeFileSync(folder.join("f"), "text\n");
  const globs = (...patterns: string[]) => compilePathGlobs(patterns, { matchHidden: false });
  const filter = { wanted: globs("*"), ignored: globs(), followSymlinks: false };
  const pattern = { text: "e", isRegex: false, ignoreCase: false };
  const request = { filter, pattern, maxFileBytes: 100, cursor: undefined, maxMatches: 10 };
  const held: (() => void)[] = [];
  const run = () => new Promise<[]>((resolve) => held.push(() => resolve([])));
  let done = 0;
  const searches = Array.from({ length: 20 }, () =>
    searchText(Buffer.from(folder.path), request, run).finally(() => {
      done += 1;
    }),
  );
  for (let finished = 0; finished < 20; finished += 4) {
    await until(() => held.length === 4 && done === finished);
    for (const finish of held.splice(0)) finish();
  }
  expect(await Promise.all(searches)).toHaveLength(20);
  // One that fails gives its place to the next as well.
  const failing = () => Promise.reject(new Error("no"));
  const failures = Array.from({ length: 9 }, () => searchText(Buffer.from(folder.path), request, failing));
  expect((await Promise.allSettled(failures)).map(({ status }) => status)).toEqual(new Array(9).fill("rejected"));
});
