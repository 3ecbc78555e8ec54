import { DEFAULT_LIMITS, FIXED_LIMITS } from "@holdfast/executor";
import { expect, test } from "vitest";
import { parseArguments } from "../../src/command-line/parse-arguments.ts";
import { COMMANDS } from "../../src/commands.ts";
import { limitOptions, limitTable } from "../../src/serve/limit-options.ts";

test("limits are set by name, bytes with a unit behind them", () => {
  expect(limitOptions("maxRetainedBytes=4M,maxProcesses=500,fileHelperIdleMs=0")).toEqual({
    maxRetainedBytes: 4 * 1_048_576,
    maxProcesses: 500,
    fileHelperIdleMs: 0,
  });
});

test.each([
  ["maxFoo=1", "--limits must be NAME=VALUE,…, not 'maxFoo=1'; serve --limits lists the names"],
  ["maxMounts=1", "--limits: maxMounts is fixed; serve --limits lists those that can be set first"],
  ["toString=1", "--limits must be NAME=VALUE,…, not 'toString=1'; serve --limits lists the names"],
  ["maxProcesses", "--limits must be NAME=VALUE,…, not 'maxProcesses'; serve --limits lists the names"],
  ["maxProcesses=1,", "--limits must be NAME=VALUE,…, not ''; serve --limits lists the names"],
  ["maxProcesses=", "--limits: maxProcesses must be a whole number, not ''"],
  ["maxProcesses=1K", "--limits: maxProcesses must be a whole number, not '1K'"],
  ["maxProcesses=-1", "--limits: maxProcesses must be a whole number, not '-1'"],
  ["maxProcesses=0", "--limits: maxProcesses must be from 1 to 2147483647, not 0"],
  ["maxRetainedBytes=9999999G", "--limits: maxRetainedBytes must be from 1 to 1099511627776, not 10737417166258176"],
])("%s is refused with what is wrong about it", (text, message) => {
  expect(() => limitOptions(text)).toThrow(expect.objectContaining({ name: "UsageError", message }));
});

test("the table has every limit, with the values that were set, and those that can not be set", () => {
  const [settable = "", fixed = ""] = limitTable({ maxProcesses: 7 }).split("\nFixed, for confined commands:\n");
  const namesIn = (rows: string) => rows.split("\n").flatMap((row) => row.split(" ")[0] || []);
  expect(namesIn(settable)).toEqual(Object.keys(DEFAULT_LIMITS));
  expect(namesIn(fixed)).toEqual(FIXED_LIMITS.map(({ name }) => name));
  expect(fixed).toMatch(/^maxProfileEntries +4096 {2}entries of one profile\n/);
  const lines = settable.split("\n");
  expect(lines.find((line) => line.startsWith("maxProcesses"))).toMatch(/^maxProcesses +7 {2}processes known/);
});

test.each([
  [["--limits"], ""],
  [["--limits", "--log-level", "off"], ""],
  [["--limits", "maxProcesses=1"], "maxProcesses=1"],
  [["--limits=maxProcesses=1"], "maxProcesses=1"],
])("the value may be left out: %j", (words, value) => {
  const { serve } = COMMANDS;
  expect(serve && parseArguments(serve, words).text("limits")).toBe(value);
});
