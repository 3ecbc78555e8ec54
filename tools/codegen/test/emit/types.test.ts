import { describe, expect, test } from "vitest";
import { emitTypes, type TypeNotes } from "../../src/emit/types.ts";
import type { Schema } from "../../src/schema/json-schema.ts";
import { readShape } from "../../src/schema/read-shape.ts";
import { object } from "../support.ts";

function kind(word: string, members: Record<string, Schema> = {}): Schema {
  return object({ type: { type: "string", enum: [word] }, ...members });
}

async function emitted(schema: Schema, notes: Partial<TypeNotes> = {}): Promise<string> {
  const source = await emitTypes(new Map([["A", readShape(schema, "A")]]), {
    commentOn: () => undefined,
    isOpen: () => true,
    unknown: "kit",
    ...notes,
  });
  return source
    .replace(/export interface WireTypes[^}]*}/, "")
    .replaceAll(/\s+/g, " ")
    .trim();
}

const IMPORT = (...names: readonly string[]) => `import type { ${names.join(", ")} } from "kit"; `;

describe("a type that receivers meet", () => {
  test.each<[string, Schema, string]>([
    ["words has one more", { enum: ["a", "b"] }, `${IMPORT("UnknownWord")}export type A = (("a" | "b") | UnknownWord)`],
    ["numbers has none", { enum: [1, 2] }, "export type A = (1 | 2)"],
    [
      "kinds has one more",
      { oneOf: [kind("a"), kind("b")] },
      `${IMPORT("UnknownKind")}export type A = ({ type: "a" } | { type: "b" } | UnknownKind<"type">)`,
    ],
    [
      "many kinds has one more with what all of them have",
      { oneOf: ["a", "b", "c", "d"].map((word) => kind(word, { id: { type: "string" } })) },
      `${IMPORT("UnknownKind")}export type A = ({ type: "a" id: string } | { type: "b" id: string } | { type: "c" id: string } | { type: "d" id: string } | (UnknownKind<"type"> & { id: string }))`,
    ],
    [
      "words and objects of one member has one more of each",
      { oneOf: [{ enum: ["a"] }, { ...object({ b: { type: "string" } }), additionalProperties: false }] },
      `${IMPORT("UnknownVariant", "UnknownWord")}export type A = (("a" | UnknownWord) | { b: string } | UnknownVariant)`,
    ],
    [
      "words with a list that its own author left open has that",
      {
        anyOf: [
          { enum: ["a"] },
          { ...object({ b: { type: "string" } }), additionalProperties: false },
          { type: ["string", "object"] },
        ],
      },
      `${IMPORT("UnknownVariant", "UnknownWord")}export type A = ("a" | { b: string } | UnknownWord | UnknownVariant)`,
    ],
    [
      "forms that one word tells apart keeps these words",
      { anyOf: [object({ is: { enum: ["a"] } }), object({ is: { enum: ["b"] }, x: { enum: ["c", "d"] } })] },
      `${IMPORT("UnknownWord")}export type A = ({ is: "a" } | { is: "b" x: (("c" | "d") | UnknownWord) })`,
    ],
  ])("of %s", async (_, schema, expected) => {
    expect(await emitted(schema)).toBe(expected);
  });
});

test("a type that only servers meet has what it lists", async () => {
  expect(await emitted({ enum: ["a", "b"] }, { isOpen: () => false })).toBe('export type A = ("a" | "b")');
});

test("comments stand at types, members and kinds, and change no name", async () => {
  const notes: Partial<TypeNotes> = {
    commentOn: (place, _, isOptional) => (place === "" ? undefined : `${place}${isOptional ? "?" : ""}`),
    isOpen: () => false,
  };
  expect(await emitted({ ...object({ a: { $ref: "#/definitions/A" }, b: {} }), required: ["a"] }, notes)).toBe(
    "/** * A */ export interface A { /** * A.a */ a: A /** * A.b? */ b?: unknown }",
  );
  expect(await emitted({ oneOf: [kind("p"), kind("q", { m: { type: "string" } })] }, notes)).toBe(
    '/** * A */ export type A = ({ /** * A[type=p] */ type: "p" } | { /** * A[type=q] */ type: "q" /** * A[type=q].m */ m: string })',
  );
});
