import { ensureRelease } from "@holdfast/reference-peer";
import { describe, expect, test } from "vitest";
import { UsageError } from "../src/options.ts";
import { comparePatches } from "../src/patch/compare-patches.ts";
import { PATCH_CORPUS } from "../src/patch/corpus.ts";
import { parsePatchOptions } from "../src/patch/options.ts";
import { randomCase } from "../src/patch/random-case.ts";

const RELEASE = "0.171.0";
const SEED = 20_261_130;

function randomCases(count: number) {
  return Array.from({ length: count }, (_, index) => randomCase(SEED + index));
}

describe("patches are applied as a release of Codex applies them, but for what is told", () => {
  test("what they are made of, one thing at a time", { timeout: 120_000 }, async () => {
    expect(await comparePatches(PATCH_CORPUS, await ensureRelease(RELEASE))).toEqual([]);
  });

  const name = "random ones: %i";
  const compare = async (count: number) => {
    expect(await comparePatches(randomCases(count), await ensureRelease(RELEASE))).toEqual([]);
  };
  test.each([100])(name, { timeout: 120_000 }, compare);
  test.each([3_000])(name, { timeout: 600_000, tags: "long" }, compare);
});

test("a seed gives the same patch each time, and another seed another one", () => {
  expect(randomCase(1)).toEqual(randomCase(1));
  expect(randomCase(2).patch).not.toBe(randomCase(1).patch);
});

test("the options of the command are whole numbers and a release", () => {
  expect(parsePatchOptions(["--runs", "5", "--seed", "7", "--release", "0.169.0"])).toEqual({
    runs: 5,
    seed: 7,
    release: "0.169.0",
    help: false,
  });
  for (const wrong of [["--runs", "x"], ["--seed", "-1"], ["--what"]]) {
    expect(() => parsePatchOptions(wrong)).toThrow(UsageError);
  }
});
