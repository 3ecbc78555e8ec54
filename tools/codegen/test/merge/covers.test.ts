import { describe, expect, test } from "vitest";
import { covers } from "../../src/merge/covers.ts";
import type { Schema } from "../../src/schema/json-schema.ts";
import { readShape } from "../../src/schema/read-shape.ts";
import { object } from "../support.ts";

const TEXT: Schema = { type: "string" };
const TYPES = { Path: TEXT, Item: object({ a: TEXT }) };
const shapes = new Map(Object.entries(TYPES).map(([name, schema]) => [name, readShape(schema, name)]));

describe("a schema takes all values of another", () => {
  test.each<[string, Schema, Schema, boolean]>([
    ["when it takes anything", {}, object({ a: TEXT }), true],
    ["when it is the same", object({ a: TEXT }), object({ a: TEXT }), true],
    ["when it needs less", { type: "object", properties: { a: TEXT } }, object({ a: TEXT }), true],
    ["not when it needs more", object({ a: TEXT, b: TEXT }), object({ a: TEXT }), false],
    ["not when a member is something else", object({ a: { type: "integer" } }), object({ a: TEXT }), false],
    [
      "not when it refuses members that the other has",
      { ...object({ a: TEXT }), additionalProperties: false },
      object({ a: TEXT }),
      false,
    ],
    ["when it has more words", { enum: ["a", "b"] }, { enum: ["b"] }, true],
    ["not when it has fewer words", { enum: ["a"] }, { enum: ["a", "b"] }, false],
    ["when it is any text and the other one of some words", TEXT, { enum: ["a"] }, true],
    ["not when it is a text of some length only", { ...TEXT, minLength: 1 }, TEXT, false],
    ["when it may be null as well", { type: ["string", "null"] }, TEXT, true],
    ["not when only the other may be null", TEXT, { type: ["string", "null"] }, false],
    ["when one of its forms does", { anyOf: [{ type: "boolean" }, TEXT] }, TEXT, true],
    [
      "when its forms take those of the other one by one",
      { anyOf: [TEXT, object({ a: TEXT })] },
      { anyOf: [object({ a: TEXT, b: TEXT }), TEXT] },
      true,
    ],
    ["not when a form of the other is left over", { anyOf: [TEXT] }, { anyOf: [TEXT, { type: "boolean" }] }, false],
    [
      "when it takes longer lists of what it takes",
      { type: "array", items: {} },
      { type: "array", items: TEXT, maxItems: 3 },
      true,
    ],
    ["not when its lists are shorter", { type: "array", maxItems: 2 }, { type: "array", maxItems: 3 }, false],
    ["when it is any number and the other a whole one", { type: "number" }, { type: "integer" }, true],
    ["when what it refers to does", { $ref: "#/definitions/Path" }, { enum: ["a"] }, true],
    ["when it takes what the other refers to", object({ a: {} }), { $ref: "#/definitions/Item" }, true],
    ["not when it refers to nothing", { $ref: "#/definitions/Nothing" }, TEXT, false],
  ])("%s", (_, wide, narrow, expected) => {
    expect(covers(readShape(wide, "Wide"), readShape(narrow, "Narrow"), { wide: shapes, narrow: shapes })).toBe(
      expected,
    );
  });
});
