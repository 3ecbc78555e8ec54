import { describe, expect, test } from "vitest";
import { argumentSchema, readArguments } from "../../src/tools/tool-arguments.ts";

const SPECS = {
  path: { kind: "text", isRequired: true, about: "The file." },
  mode: { kind: "text", choices: ["a", "b"], about: "The mode." },
  limit: { kind: "integer", minimum: 1, maximum: 9, default: 5, about: "Most lines." },
  all: { kind: "flag", about: "Everything." },
  quick: { kind: "flag", default: true, about: "At once." },
} as const;

describe("the arguments of a tool", () => {
  test("are a JSON Schema that takes nothing else", () => {
    expect(argumentSchema(SPECS)).toEqual({
      type: "object",
      properties: {
        path: { type: "string", description: "The file." },
        mode: { type: "string", enum: ["a", "b"], description: "The mode." },
        limit: { type: "integer", minimum: 1, maximum: 9, default: 5, description: "Most lines." },
        all: { type: "boolean", default: false, description: "Everything." },
        quick: { type: "boolean", default: true, description: "At once." },
      },
      required: ["path"],
      additionalProperties: false,
    });
  });

  test("have their defaults, also where a model says null", () => {
    const defaults = { path: "x", mode: undefined, limit: 5, all: false, quick: true };
    expect(readArguments({ path: "x" }, SPECS)).toEqual(defaults);
    expect(readArguments({ path: "x", mode: null, limit: null, all: null, quick: null }, SPECS)).toEqual(defaults);
    expect(readArguments({ path: "", mode: "b", limit: 9, all: true, quick: false }, SPECS)).toEqual({
      path: "",
      mode: "b",
      limit: 9,
      all: true,
      quick: false,
    });
  });

  test.each([
    [undefined, "path is missing: The file."],
    [[], "the arguments must be an object, not an array"],
    ["{}", 'the arguments must be an object, not "{}"'],
    [{ path: 3 }, "path must be a string, not 3"],
    [{ path: "x", mode: "c" }, 'mode must be one of a, b, not "c"'],
    [{ path: "x", limit: "5" }, 'limit must be a whole number from 1 to 9, not "5"'],
    [{ path: "x", limit: 0 }, "limit must be a whole number from 1 to 9, not 0"],
    [{ path: "x", limit: 10 }, "limit must be a whole number from 1 to 9, not 10"],
    [{ path: "x", limit: 1.5 }, "limit must be a whole number from 1 to 9, not 1.5"],
    [{ path: "x", all: "yes" }, 'all must be true or false, not "yes"'],
    [
      { path: "x", limits: 3 },
      'there is no argument "limits", only path, mode, limit, all, quick; limit is perhaps meant',
    ],
    [{ path: "x", zebra: 3 }, 'there is no argument "zebra", only path, mode, limit, all, quick'],
    [JSON.parse('{"path":"x","__proto__":1}'), 'there is no argument "__proto__", only path, mode, limit, all, quick'],
  ])("%j is refused in words that help", (args, message) => {
    expect(() => readArguments(args, SPECS)).toThrow(message);
  });
});

describe("arguments without a default", () => {
  const OPTIONAL = {
    id: { kind: "integer", isRequired: true, minimum: 0, about: "Its number." },
    wait: { kind: "integer", minimum: 0, about: "Milliseconds." },
    login: { kind: "flag", default: "none", about: "As at a login." },
    words: { kind: "texts", about: "Some words." },
  } as const;

  test("say so in their schema", () => {
    expect(argumentSchema(OPTIONAL)).toEqual({
      type: "object",
      properties: {
        id: { type: "integer", minimum: 0, description: "Its number." },
        wait: { type: "integer", minimum: 0, description: "Milliseconds." },
        login: { type: "boolean", description: "As at a login." },
        words: { type: "array", items: { type: "string" }, description: "Some words." },
      },
      required: ["id"],
      additionalProperties: false,
    });
  });

  test("are undefined where they are left out", () => {
    expect(readArguments({ id: 3, wait: null }, OPTIONAL)).toEqual({ id: 3 });
    const given = { id: 0, wait: 2 ** 53 - 1, login: false, words: ["a", ""] };
    expect(readArguments({ ...given }, OPTIONAL)).toEqual(given);
  });

  test.each([
    [{}, "id is missing: Its number."],
    [{ id: -1 }, "id must be a whole number, at least 0, not -1"],
    [{ id: 2 ** 53 }, "id must be a whole number, at least 0, not"],
    [{ id: 1, login: 1 }, "login must be true or false, not 1"],
    [{ id: 1, words: "a" }, 'words must be a list of strings, not "a"'],
    [{ id: 1, words: ["a", 1] }, "words[1] must be a string, not 1"],
    [JSON.parse('{"id":1,"__proto__":1}'), 'there is no argument "__proto__"'],
  ])("refuse %j", (args, message) => {
    expect(() => readArguments(args, OPTIONAL)).toThrow(message);
  });
});
