import { describe, expect, test } from "vitest";
import { schemaOfShape } from "../../src/emit/schema-of-shape.ts";
import { mergeShapes } from "../../src/merge/merge-shapes.ts";
import type { Schema } from "../../src/schema/json-schema.ts";
import { readShape } from "../../src/schema/read-shape.ts";
import { object } from "../support.ts";

const TEXT: Schema = { type: "string" };
const NUMBER: Schema = { type: "integer", format: "int64" };

function word(...words: readonly string[]): Schema {
  return { type: "string", enum: [...words] };
}

function nullable(schema: Schema): Schema {
  return { anyOf: [schema, { type: "null" }] };
}

function ref(name: string): Schema {
  return { $ref: `#/definitions/${name}` };
}

/** What is made of two releases: the schema, and the places of choices. The types are those of either. */
function merged(older: Schema, newer: Schema, types: Readonly<Record<string, Schema>> = {}): [Schema, string[]] {
  const shapes = new Map(Object.entries(types).map(([name, schema]) => [name, readShape(schema, name)]));
  const choices: string[] = [];
  const shape = mergeShapes(readShape(older, "T"), readShape(newer, "T"), "T", {
    older: shapes,
    newer: shapes,
    onChoice: (place) => void choices.push(place),
  });
  return [schemaOfShape(shape), choices];
}

describe("two releases in one", () => {
  test.each<[string, Schema, Schema, Schema]>([
    ["what is the same", object({ a: TEXT }), object({ a: TEXT }), object({ a: TEXT })],
    ["words of either, those of the newer first", word("a", "b"), word("c", "b"), word("c", "b", "a")],
    [
      "members that one lacks, as optional ones",
      object({ a: TEXT, gone: TEXT }),
      object({ a: TEXT, fresh: TEXT }),
      { type: "object", properties: { a: TEXT, fresh: TEXT, gone: TEXT }, required: ["a"] },
    ],
    [
      "members that one does not require, as optional ones",
      { type: "object", properties: { a: TEXT } },
      object({ a: TEXT }),
      { type: "object", properties: { a: TEXT } },
    ],
    ["null, where either has it", TEXT, nullable(TEXT), nullable(TEXT)],
    ["null, where either has nothing else", { type: "null" }, TEXT, nullable(TEXT)],
    ["anything, where either takes that", object({ a: TEXT }), {}, {}],
    ["numbers without bounds that one lacks", { ...NUMBER, minimum: 1 }, NUMBER, NUMBER],
    [
      "numbers of no format, where they differ in it",
      { type: "integer", format: "uint32" },
      NUMBER,
      { type: "integer" },
    ],
    ["the wider of two bounds", { ...NUMBER, minimum: 1 }, { ...NUMBER, minimum: 0 }, { ...NUMBER, minimum: 0 }],
    [
      "lists of what is in either",
      { type: "array", items: word("a") },
      { type: "array", items: word("b") },
      { type: "array", items: word("b", "a") },
    ],
    [
      "maps to what is in either",
      { type: "object", additionalProperties: word("a") },
      { type: "object", additionalProperties: word("b") },
      { type: "object", additionalProperties: word("b", "a") },
    ],
    [
      "kinds of either, with the members of both",
      { oneOf: [object({ type: word("a"), x: TEXT }), object({ type: word("gone") })] },
      { oneOf: [object({ type: word("a"), y: TEXT }), object({ type: word("fresh") })] },
      {
        oneOf: [
          { type: "object", properties: { type: word("a"), x: TEXT, y: TEXT }, required: ["type"] },
          object({ type: word("fresh") }),
          object({ type: word("gone") }),
        ],
      },
    ],
    [
      "a record that became a choice of kinds, as one of them",
      object({ type: word("a", "b"), x: TEXT }),
      { oneOf: [object({ type: word("a"), x: TEXT }), object({ type: word("c") })] },
      {
        oneOf: [
          object({ type: word("a"), x: TEXT }),
          object({ type: word("c") }),
          object({ type: word("b"), x: TEXT }),
        ],
      },
    ],
    [
      "a word that became an object, beside it",
      { oneOf: [word("yes", "no")] },
      { oneOf: [word("yes"), { ...object({ no: object({ why: TEXT }) }), additionalProperties: false }] },
      { oneOf: [word("yes", "no"), { ...object({ no: object({ why: TEXT }) }), additionalProperties: false }] },
    ],
    ["a text for a word that it takes anyway", word("a"), TEXT, TEXT],
  ])("have %s", (_, older, newer, expected) => {
    expect(merged(older, newer)).toEqual([expected, []]);
  });

  test("have a choice of both where they differ in kind, and tell of it", () => {
    expect(merged(object({ a: NUMBER }), object({ a: TEXT }))).toEqual([
      object({ a: { anyOf: [TEXT, NUMBER] } }),
      ["T.a"],
    ]);
    const [schema, choices] = merged(
      { type: "array", items: ref("A") },
      { type: "array", items: ref("B") },
      {
        A: object({ a: TEXT }),
        B: object({ b: TEXT }),
      },
    );
    expect([schema, choices]).toEqual([{ type: "array", items: { anyOf: [ref("B"), ref("A")] } }, ["T[]"]]);
  });

  test("have the newer of two names whose type takes all values of the older one", () => {
    const types = { Path: TEXT, Absolute: { type: "string" }, Cursor: { anyOf: [TEXT, object({ at: NUMBER })] } };
    expect(merged(ref("Absolute"), ref("Path"), types)).toEqual([ref("Path"), []]);
    expect(merged(TEXT, nullable(ref("Cursor")), types)).toEqual([nullable(ref("Cursor")), []]);
    expect(merged(ref("Cursor"), TEXT, types)).toEqual([{ anyOf: [TEXT, ref("Cursor")] }, ["T"]]);
  });

  test("may hold themselves", () => {
    const tree = (name: string) => ({ ...object({ below: { type: "array", items: ref(name) } }) });
    expect(merged(ref("Old"), ref("New"), { Old: tree("Old"), New: tree("New") })).toEqual([ref("New"), []]);
  });
});
