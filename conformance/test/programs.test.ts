import { describe, expect, test } from "vitest";
import { UsageError } from "../src/options.ts";
import { parseProgramsOptions } from "../src/programs/options.ts";
import { programsOf } from "../src/programs/program.ts";
import { runPrograms } from "../src/programs/run-programs.ts";

describe("random programs", () => {
  test("depend on the seed alone, and have steps of every kind", () => {
    expect(programsOf(1, 20)).toEqual(programsOf(1, 20));
    expect(programsOf(2, 20)).not.toEqual(programsOf(1, 20));
    const kinds = new Set(programsOf(1, 40).flatMap(({ lists }) => lists.flat().map(({ kind }) => kind)));
    expect([...kinds].sort()).toEqual(["cut", "cut in a frame", "fetch", "file", "look", "pause", "run", "start"]);
  });

  const settle = async (runs: number) => {
    expect(await runPrograms({ seed: 20_261_130, runs, first: 0, side: 12 })).toEqual([]);
  };
  const name = "settle every promise, lose nothing without an error, and leave no process: %i";
  test.each([6])(name, { timeout: 60_000 }, settle);
  test.each([24])(name, { timeout: 180_000, tags: "long" }, settle);
});

test("the options of the command are whole numbers", () => {
  expect(parseProgramsOptions(["--runs", "5", "--seed", "7", "--first", "2"])).toEqual({
    runs: 5,
    seed: 7,
    first: 2,
    side: 4,
    help: false,
  });
  for (const wrong of [["--runs", "0"], ["--seed", "-1"], ["--side", "x"], ["--what"]]) {
    expect(() => parseProgramsOptions(wrong)).toThrow(UsageError);
  }
});
