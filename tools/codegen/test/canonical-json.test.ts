import { expect, test } from "vitest";
import { canonicalJson } from "../src/canonical-json.ts";

test("members come in one order, whatever order they had, and the text ends in a newline", () => {
  const one = {
    type: "object",
    required: ["b", "a"],
    properties: { b: {}, type: {}, a: {} },
    $schema: "s",
    description: "d",
  };
  const other = {
    description: "d",
    properties: { a: {}, b: {}, type: {} },
    $schema: "s",
    required: ["b", "a"],
    type: "object",
  };
  expect(canonicalJson(one)).toBe(canonicalJson(other));
  expect(canonicalJson(one)).toBe(`{
  "$schema": "s",
  "description": "d",
  "type": "object",
  "properties": {
    "a": {},
    "b": {},
    "type": {}
  },
  "required": [
    "b",
    "a"
  ]
}
`);
});

test("names are ordered by code point, not by language", () => {
  expect(Object.keys(JSON.parse(canonicalJson({ properties: { ä: 1, z: 1, Z: 1, i: 1, I: 1 } })).properties)).toEqual([
    "I",
    "Z",
    "i",
    "z",
    "ä",
  ]);
});
