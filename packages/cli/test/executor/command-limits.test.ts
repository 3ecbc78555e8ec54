import { describe, expect, test } from "vitest";
import { parseArguments } from "../../src/command-line/parse-arguments.ts";
import { COMMANDS } from "../../src/commands.ts";
import { commandLimits } from "../../src/executor/command-limits.ts";
import { limitTable } from "../../src/serve/limit-options.ts";

function limitsOf(...words: readonly string[]) {
  const { serve } = COMMANDS;
  if (serve === undefined) throw new Error("there is no serve");
  return commandLimits(parseArguments(serve, words));
}

describe("--command-memory and --command-processes", () => {
  test("limit nothing when absent", () => {
    expect(limitsOf()).toEqual({});
    expect(limitTable({})).toMatch(/^maxCommandMemoryBytes +none {2}memory of one confined command/m);
    expect(limitTable({})).toMatch(/^maxCommandProcesses +none {2}processes and threads/m);
  });

  test("are the executor's limits", () => {
    expect(limitsOf("--command-memory", "512M", "--command-processes=64")).toEqual({
      maxCommandMemoryBytes: 512 * 1_048_576,
      maxCommandProcesses: 64,
    });
    expect(limitsOf("--command-memory", "2g")).toEqual({ maxCommandMemoryBytes: 2 ** 31 });
  });

  test.each([
    [
      ["--command-memory", "lots"],
      "--command-memory must be a number of bytes, or one with K, M or G behind it, not 'lots'",
    ],
    [["--command-memory", ""], "--command-memory must be a number of bytes, or one with K, M or G behind it, not ''"],
    [["--command-memory", "1023K"], "--command-memory: it must be from 1048576 to 1125899906842624, not 1047552"],
    [["--command-processes", "1K"], "--command-processes must be a whole number, not '1K'"],
    [["--command-processes", "-1"], "--command-processes must be a whole number, not '-1'"],
    [["--command-processes", "0"], "--command-processes: it must be from 1 to 4194304, not 0"],
    [["--command-processes", "9999999"], "--command-processes: it must be from 1 to 4194304, not 9999999"],
  ])("%j is refused with what is wrong about it", (words, message) => {
    expect(() => limitsOf(...words)).toThrow(expect.objectContaining({ name: "UsageError", message }));
  });
});
