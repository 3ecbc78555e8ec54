import { writeFileSync } from "node:fs";
import { compilePathGlobs } from "@holdfast/path-uri";
import { tempDir } from "@holdfast/testkit";
import { expect, onTestFinished, test, vi } from "vitest";
import { findFiles } from "../../src/search/index.ts";

test("a page has its time for files, however long the way to them takes", async () => {
  await using folder = await tempDir();
  for (const name of ["a", "b", "c", "d"]) writeFileSync(folder.join(name), "");
  let nowMs = 0;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => nowMs);
  onTestFinished(() => clock.mockRestore());
  const globs = compilePathGlobs(["*"], { matchHidden: false });
  const slow = {
    isMatch: globs.isMatch.bind(globs),
    advance: globs.advance.bind(globs),
    mayMatchBelow: globs.mayMatchBelow.bind(globs),
    // Asked for before the folder is listed.
    get start() {
      nowMs += 10_000;
      return globs.start;
    },
  };
  const filter = { wanted: slow, ignored: compilePathGlobs([], { matchHidden: true }), followSymlinks: false };
  const request = { filter, kinds: undefined, cursor: undefined, maxEntries: 100 };
  const { entries, cursor } = await findFiles(Buffer.from(folder.path), request);
  expect(entries).toHaveLength(4);
  expect(cursor).toBeUndefined();
});
