import { expect, test } from "vitest";
import { SchemaComparison } from "../../../src/schema/diff/compare-schemas.ts";
import type { Schema } from "../../../src/schema/diff/release-document.ts";

/** Each change as `kind path: what`. */
function changes(before: Schema, after: Schema, types: Record<string, Schema> = {}, typesAfter = types): string[] {
  return new SchemaComparison(types, typesAfter)
    .compare(before, after)
    .map(({ path, kind, what }) => `${kind} ${path}: ${what}`);
}

const text: Schema = { type: "string" };
const words = (...all: string[]): Schema => ({ type: "string", enum: all });
const object = (properties: Record<string, Schema>, required: string[] = []): Schema => ({
  type: "object",
  properties,
  required,
});
const reference = (name: string): Schema => ({ $ref: `#/definitions/${name}` });

test("what is the same is no change, however it is written", () => {
  expect(changes(text, text)).toEqual([]);
  expect(changes({ anyOf: [text, { type: "null" }] }, { type: ["string", "null"] })).toEqual([]);
  expect(changes({ allOf: [reference("A")] }, reference("A"), { A: text })).toEqual([]);
  expect(changes({ oneOf: [words("a"), words("b")] }, words("b", "a"))).toEqual([]);
  expect(changes(reference("A"), reference("B"), { A: text, B: text }), "another name").toEqual([]);
  expect(changes(object({ a: text, b: text }), object({ b: text, a: text }))).toEqual([]);
});

test.each<[what: string, before: Schema, after: Schema, expected: string[]]>([
  ["a word more", words("a"), words("a", "b"), ['widened : "b" is new']],
  ["a word less", words("a", "b"), words("a"), ['narrowed : "b" is gone']],
  ["any text", words("a"), text, ["widened : may be any string", 'narrowed : "a" is gone'].slice(0, 1)],
  ["not any text", text, words("a"), ["narrowed : may not be any string any more"]],
  [
    "a word that is named where any text is right",
    { anyOf: [words("a"), text] },
    { anyOf: [words("a", "b"), text] },
    ['added : "b" is new'],
  ],
  ["null", text, { type: ["string", "null"] }, ["widened : may be null"]],
  ["no null", { type: ["string", "null"] }, text, ["narrowed : may not be null any more"]],
  ["anything", text, {}, ["widened : may be anything"]],
  ["not anything", {}, text, ["narrowed : may not be just anything"]],
  [
    "another type",
    text,
    { type: "boolean" },
    ["widened : may be a boolean", "narrowed : may not be any string any more"],
  ],
  [
    "greater numbers",
    { type: "integer", format: "uint16" },
    { type: "integer", format: "uint32" },
    ["widened : may be a whole number from 0 to 4294967295"],
  ],
  [
    "fewer numbers",
    { type: "integer", format: "uint16" },
    { type: "integer", format: "uint16", minimum: 1 },
    ["narrowed : may only be a whole number from 1 to 65535"],
  ],
  ["longer texts", text, { type: "string", minLength: 1 }, ["narrowed : has 1 characters or more"]],
  [
    "items",
    { type: "array", items: words("a") },
    { type: "array", items: words("a", "b") },
    ['widened []: "b" is new'],
  ],
  [
    "values of a map",
    { type: "object", additionalProperties: text },
    { type: "object", additionalProperties: { type: ["string", "null"] } },
    ["widened {}: may be null"],
  ],
  [
    "members",
    object({ a: text, b: text, c: text, d: text }, ["a", "c"]),
    object({ a: text, b: text, d: words("x"), e: text, f: text }, ["b", "e"]),
    [
      "widened .a: may be left out",
      "narrowed .b: has to be there",
      "narrowed .d: may not be any string any more",
      "added .e: required",
      "added .f: optional",
      "removed .c: was required",
    ],
  ],
  [
    "no other members",
    object({ a: text }),
    { ...object({ a: text }), additionalProperties: false },
    ["narrowed : no other member"],
  ],
])("%s", (_what, before, after, expected) => {
  expect(changes(before, after)).toEqual(expected);
});

test("forms of a choice are told apart by their tag, or by the one member that they must have", () => {
  const tagged = (type: string, more: Record<string, Schema> = {}) =>
    object({ type: words(type), ...more }, ["type", ...Object.keys(more)]);
  expect(
    changes(
      { oneOf: [tagged("a"), tagged("b", { x: text }), tagged("c")] },
      { oneOf: [tagged("d"), tagged("b", { x: words("y") }), tagged("a")] },
    ),
  ).toEqual([
    "narrowed [type=b].x: may not be any string any more",
    "narrowed [type=c]: this form is gone",
    "widened [type=d]: this form is new",
  ]);
  const named = (name: string, schema: Schema) => ({
    ...object({ [name]: schema }, [name]),
    additionalProperties: false,
  });
  expect(
    changes(
      { oneOf: [words("plain"), named("granular", object({ a: text }))] },
      { oneOf: [words("plain"), named("granular", object({ a: text, b: text }))] },
    ),
  ).toEqual(["added [granular].granular.b: optional"]);
});

test("members beside a choice belong to each of its forms", () => {
  const common = { type: "object", properties: { type: words("image") }, required: ["type"] };
  const before = object({ type: words("image"), url: text }, ["type", "url"]);
  const after = { ...common, anyOf: [object({ url: text }, ["url"]), object({ fileId: text }, ["fileId"])] };
  expect(changes(before, after)).toEqual(["widened [type=image]: the form {type, fileId} is new"]);
});

test("a type of its own is compared where it stands, one that has another name now where it is used", () => {
  const types = { Path: text, Word: words("a") };
  expect(changes(reference("Path"), reference("Path"), types, { ...types, Path: words("x") })).toEqual([]);
  expect(changes(object({ p: reference("Path") }), object({ p: reference("Word") }), types)).toEqual([
    "narrowed .p: may not be any string any more",
  ]);
});

test("a type that refers to itself ends", () => {
  const tree = object({ below: { type: "array", items: reference("Tree") } });
  const other = object({ below: { type: "array", items: reference("Plant") }, leaf: text });
  expect(changes(reference("Tree"), reference("Plant"), { Tree: tree, Plant: other })).toContain(
    "added .leaf: optional",
  );
});
