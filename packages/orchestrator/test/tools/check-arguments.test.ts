import { describe, expect, test } from "vitest";
import { checkArguments } from "../../src/tools/check-arguments.ts";
import type { ToolSchema } from "../../src/tools/tool.ts";

const SCHEMA: ToolSchema = {
  type: "object",
  properties: {
    cmd: { type: "string" },
    count: { type: "integer", minimum: 0, maximum: 9 },
    ratio: { type: "number" },
    login: { type: "boolean" },
    words: { type: "array", items: { type: "string" } },
    mode: { type: "string", enum: ["a", "b"] },
  },
  required: ["cmd"],
  additionalProperties: false,
};

const PREFIX = "failed to parse function arguments: ";

describe("arguments of a tool", () => {
  test("are given as they are, without what is null", () => {
    const args = { cmd: "x", count: 3, ratio: 0.5, login: false, words: ["a"], mode: "b" };
    expect(checkArguments(SCHEMA, { ...args })).toEqual(args);
    expect(checkArguments(SCHEMA, { cmd: "x", count: null, words: undefined })).toEqual({ cmd: "x" });
  });

  test.each([
    [{}, "missing field `cmd`"],
    [{ cmd: null }, "missing field `cmd`"],
    [{ cmd: 3 }, "`cmd`: invalid type: number 3, expected a string"],
    [{ cmd: "x", count: 1.5 }, "`count`: invalid type: number 1.5, expected a whole number"],
    [{ cmd: "x", count: "1" }, '`count`: invalid type: string "1", expected a whole number'],
    [{ cmd: "x", count: -1 }, "`count`: invalid value: -1, expected at least 0"],
    [{ cmd: "x", count: 10 }, "`count`: invalid value: 10, expected at most 9"],
    [{ cmd: "x", login: "yes" }, '`login`: invalid type: string "yes", expected a boolean'],
    [{ cmd: "x", words: "a" }, '`words`: invalid type: string "a", expected an array'],
    [{ cmd: "x", words: ["a", 1] }, "`words[1]`: invalid type: number 1, expected a string"],
    [{ cmd: "x", mode: "c" }, '`mode`: unknown variant "c", expected one of `a`, `b`'],
    [{ cmd: "x", cwd: "/" }, 'unknown field "cwd", expected one of `cmd`, `count`, `ratio`, `login`, `words`, `mode`'],
    [
      JSON.parse('{"cmd":"x","__proto__":1}'),
      'unknown field "__proto__", expected one of `cmd`, `count`, `ratio`, `login`, `words`, `mode`',
    ],
    [[], "invalid type: an array, expected an object"],
    ["x", 'invalid type: string "x", expected an object'],
    [null, "invalid type: null, expected an object"],
  ])("%j are refused", (args, message) => {
    expect(() => checkArguments(SCHEMA, args)).toThrow(PREFIX + message);
  });

  test("are shown in part when they are long", () => {
    expect(() => checkArguments(SCHEMA, { cmd: "x", mode: "y".repeat(1_000) })).toThrow(/"y{79}…, expected/);
  });
});
