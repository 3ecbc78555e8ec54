import { expect, test } from "vitest";
import { parseToml, TomlError } from "../../src/config/toml-document.ts";

const TEXT = `# A file.
top = "text"
"quoted key" = 1_000
a.b.c = [1, "two", { three = 3.5 }]

[table]
flag = true
day = 1979-05-27

[table.below]
x = 0x10

[[list]]
n = 1
[[list]]
n = 2
[list.own]
z = "z"
`;

test("a text becomes plain values", () => {
  expect(parseToml(TEXT).root).toEqual({
    top: "text",
    "quoted key": 1_000,
    a: { b: { c: [1, "two", { three: 3.5 }] } },
    table: { flag: true, day: new Date("1979-05-27"), below: { x: 16 } },
    list: [{ n: 1 }, { n: 2, own: { z: "z" } }],
  });
});

test("whose lines are known", () => {
  const { lineOf } = parseToml(TEXT);
  expect(lineOf(["top"])).toBe(2);
  expect(lineOf(["a", "b", "c"])).toBe(4);
  expect(lineOf(["a", "b", "c", 2, "three"])).toBe(4);
  expect(lineOf(["table", "below"])).toBe(10);
  expect(lineOf(["list", 1])).toBe(15);
  expect(lineOf(["list", 1, "own", "z"])).toBe(18);
  expect(lineOf(["nothing"])).toBeUndefined();
});

test("names of the language's own are members like others", () => {
  const { root } = parseToml(
    '[__proto__]\npolluted = 1\n[list.constructor.prototype]\nx = 1\n["a".__proto__]\ny = 2\n',
  );
  expect(Object.keys(root)).toEqual(["__proto__", "list", "a"]);
  expect(({} as { polluted?: unknown; x?: unknown; y?: unknown }).polluted).toBeUndefined();
  expect(Object.prototype).not.toHaveProperty("x");
  expect(Object.prototype).not.toHaveProperty("y");
});

test.each([
  ["a =", 1],
  ["a = 1\na = 2", 2],
  ["[t]\n[t]", 2],
  ["a = 'x", 1],
])("%j is none", (text, line) => {
  const thrown = expect.objectContaining({ name: "TomlError", line });
  expect(() => parseToml(text)).toThrow(TomlError);
  try {
    parseToml(text);
  } catch (error) {
    expect(error).toEqual(thrown);
  }
});
