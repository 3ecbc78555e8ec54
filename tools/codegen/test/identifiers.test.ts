import { describe, expect, test } from "vitest";
import { literal, memberKey, stubPath, typeName, uniqueNames, validatorName } from "../src/identifiers.ts";

const HOSTILE = [
  "",
  " ",
  "a-b",
  "1a",
  "a b",
  "'",
  '"',
  "`",
  ["$", "{x}"].join(""),
  "a\nb",
  "\\",
  "*/",
  "é",
  "\u2028",
  "constructor()",
  "__proto__",
];

describe("member names", () => {
  test("are written so that the member has exactly that name", () => {
    for (const name of [...HOSTILE, "plain", "$", "_", "default", "toString"]) {
      const made = new Function(`return { ${memberKey(name)}: 1 };`)() as object;
      expect(Object.getOwnPropertyNames(made)).toEqual([name]);
    }
  });
});

describe("literals", () => {
  test("give the value back and stay on one line", () => {
    for (const value of HOSTILE) {
      expect(new Function(`return ${literal(value)};`)()).toBe(value);
      expect(literal(value)).not.toMatch(/[\n\u2028\u2029]/);
    }
  });
});

describe("type names", () => {
  test("that cannot be written are refused by name", () => {
    for (const name of [
      ...HOSTILE.filter((name) => name !== "__proto__"),
      "default",
      "class",
      "Record<string,never>",
    ]) {
      expect(() => typeName(name)).toThrow(`${literal(name)} cannot name a type`);
      expect(() => validatorName(name)).toThrow("cannot name a type");
    }
  });

  test("give the name of a validator", () => {
    expect(validatorName("ProcessStartParams")).toBe("processStartParamsSchema");
  });
});

describe("places in a stub", () => {
  test("are names, as many as there are", () => {
    expect(stubPath("initialize")).toEqual(["initialize"]);
    expect(stubPath("process/start")).toEqual(["process", "start"]);
    expect(stubPath("thread/goal/set")).toEqual(["thread", "goal", "set"]);
  });

  test("exist for names only", () => {
    for (const method of ["", "/", "a/", "/b", "a//c", "a-b/c", "a/__proto__", "__proto__", "a/b;c", "a/b\n"]) {
      expect(() => stubPath(method)).toThrow(`method ${literal(method)} has no place in a stub`);
    }
  });
});

test("two things of one name are named", () => {
  const things = ["AB", "aB"];
  expect(() => uniqueNames(things, validatorName, (thing) => `type ${thing}`)).toThrow(
    "type AB and type aB would both be named aBSchema",
  );
});
