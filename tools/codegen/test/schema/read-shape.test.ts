import { describe, expect, test } from "vitest";
import type { Schema } from "../../src/schema/json-schema.ts";
import { readShape } from "../../src/schema/read-shape.ts";
import { object } from "../support.ts";

function tag(word: string, more: Record<string, Schema> = {}): Schema {
  return object({ type: { type: "string", enum: [word] }, ...more });
}

describe("what a schema says", () => {
  test("is the same with members in any order, required ones first as they are listed", () => {
    const schema = { type: "object", properties: { c: {}, a: {}, b: {} }, required: ["b"] };
    expect(readShape(schema, "T")).toMatchObject({ members: [{ name: "b" }, { name: "a" }, { name: "c" }] });
  });

  test("belongs to each arm of a choice that stands beside it", () => {
    const schema = { ...object({ id: { type: "string" } }), oneOf: [tag("a"), tag("b", { x: { type: "boolean" } })] };
    const shape = readShape(schema, "T");
    expect(shape).toMatchObject({ kind: "tagged", tag: "type" });
    const names = shape.kind === "tagged" ? shape.arms.get("b")?.[0]?.members.map(({ name }) => name) : [];
    expect(names).toEqual(["id", "type", "x"]);
  });

  test("keeps alternatives of one arm under its word", () => {
    const either: Schema = { ...tag("image"), anyOf: [object({ url: {} }), object({ fileId: {} })] };
    const shape = readShape({ oneOf: [tag("text"), either] }, "T");
    expect(shape.kind === "tagged" ? shape.arms.get("image")?.length : 0).toBe(2);
  });

  test("is exactly one of two forms where nothing tells them apart", () => {
    const forms: Schema[] = [
      { oneOf: [tag("a"), tag("a", { x: {} })] },
      { oneOf: [object({ a: {} }), object({ b: {} })] },
      { oneOf: [{ type: "string" }, { type: "string", enum: ["x"] }] },
    ];
    for (const form of forms) expect(readShape(form, "T").kind).toBe("exclusive");
  });

  test("has no bounds that its format has anyway", () => {
    const schema = { type: "integer", format: "int32", minimum: -0x8000_0000, maximum: 9 };
    expect(readShape(schema, "T")).toMatchObject({ kind: "number", bounds: { maximum: 9 } });
  });

  test("is listed numbers, whatever else is said of all numbers of their type", () => {
    const schema = { type: "integer", format: "uint32", minimum: 1, enum: [1, 2] };
    expect(readShape(schema, "T")).toEqual({ kind: "words", words: [1, 2] });
    for (const bound of [
      { minimum: 2 },
      { maximum: 1 },
      { exclusiveMinimum: 1 },
      { exclusiveMaximum: 2 },
      { minimum: -1, enum: [-1] },
    ]) {
      expect(() => readShape({ ...schema, ...bound }, "T")).toThrow(
        /^T: keyword "enum" lists -?\d, which is out of bounds$/,
      );
    }
  });

  test("does not depend on what it is called: titles and prose say nothing", () => {
    const schema = { title: "Amazon::Bedrock::Params", description: "*/ }", default: null, type: "string" };
    expect(readShape(schema, "T")).toEqual(readShape({ type: "string" }, "T"));
  });
});

describe("what stops the generator", () => {
  const cases: readonly (readonly [string, unknown, string])[] = [
    [
      "a keyword that is not in the list",
      object({ at: { type: "object", patternProperties: {} } as Schema }),
      'T at properties.at: keyword "patternProperties" is not one that the generator knows',
    ],
    [
      "one deep inside",
      { oneOf: [{ type: "null" }, object({ list: { type: "array", items: { not: {} } as Schema } })] },
      'T at oneOf[1].properties.list.items: keyword "not" is not one that the generator knows',
    ],
    [
      "one in a map",
      { type: "object", additionalProperties: { if: {} } },
      'T at additionalProperties: keyword "if" is',
    ],
    [
      "a keyword beside a reference",
      { $ref: "#/definitions/X", minLength: 1 },
      'T: keyword "minLength" has no meaning beside "$ref"',
    ],
    [
      "a keyword of another type",
      { type: "boolean", pattern: "x" },
      'T: keyword "pattern" has no meaning beside "type"',
    ],
    ["a keyword without a type", { minimum: 1 }, 'T: keyword "minimum" has no meaning by itself'],
    ["members without a type", { oneOf: [object({ a: {} }), { type: "string" }], properties: { b: {} } }, "T: keyword"],
    [
      "a format that is none",
      { type: "string", format: "date" },
      'T: keyword "format" of type "string" can not be "date"',
    ],
    [
      "a format of another type",
      { type: "integer", format: "double" },
      'keyword "format" of type "integer" can not be',
    ],
    ["a type that is none", { type: "any" }, 'T: keyword "type" can not be "any"'],
    ["a list of types that is empty", { type: [] }, 'T: keyword "type" lists nothing'],
    [
      "an encoding that is none",
      { type: "string", contentEncoding: "hex" },
      'keyword "contentEncoding" can not be "hex"',
    ],
    ["a pattern that is none", { type: "string", pattern: "(" }, 'T: keyword "pattern" is no regular expression'],
    ["an enum with an object", { enum: [{}] }, 'T: keyword "enum" can not list {}'],
    ["an enum that is empty", { enum: [] }, 'T: keyword "enum" needs a list of values'],
    ["an enum against its type", { type: "string", enum: ["a", 1] }, 'T: keyword "enum" lists 1, which "type" forbids'],
    ["a list with places", { type: "array", items: [{}] }, 'T: keyword "items" can not be a list'],
    ["a schema that is none", { type: "array", items: 3 }, "T at items: 3 is no schema"],
    ["a value that never fits", object({ a: false as unknown as Schema }), "T at properties.a: false is no schema"],
    ["a choice of nothing", { anyOf: [] }, 'T: keyword "anyOf" needs a list of schemas'],
    ["a bound that is none", { type: "integer", minimum: "1" }, 'T: keyword "minimum" needs a number'],
    ["half an item", { type: "array", maxItems: 1.5 }, 'T: keyword "maxItems" needs a whole number'],
    [
      "a closed object beside a choice",
      { ...object({ id: {} }), additionalProperties: false, oneOf: [tag("a"), tag("b")] },
      'T: keyword "additionalProperties" that closes an object has no meaning beside combinations',
    ],
  ];
  test.each(cases)("is %s, told in one line", (_, schema, message) => {
    expect(() => readShape(schema as Schema, "T")).toThrow(message);
    expect(() => readShape(schema as Schema, "T")).not.toThrow(/\n/);
  });
});
