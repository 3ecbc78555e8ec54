import { describe, expect, test } from "vitest";
import { type UnlistedDocument, type UnlistedMethod, withUnlisted } from "../../src/read/unlisted.ts";
import type { Schema } from "../../src/schema/json-schema.ts";
import { object } from "../support.ts";

const UNIONS = [
  { type: "Request", kind: "request", from: "client" },
  { type: "Notice", kind: "notice", from: "server" },
] as const;
const ASK: UnlistedMethod = {
  method: "ask",
  kind: "request",
  from: "client",
  params: "AskParams",
  result: "Answer",
  releases: ["1"],
};
const definitions = {
  Request: { oneOf: [] as Schema[] },
  Notice: { oneOf: [] as Schema[] },
  Word: { type: "string" },
  RequestId: { type: "integer" },
};

function document(...methods: readonly UnlistedMethod[]): UnlistedDocument {
  return {
    definitions: {
      AskParams: object({ word: { $ref: "#/definitions/Word" } }),
      Answer: object({}),
      Unused: object({}),
    },
    "x-source": "answers of servers",
    "x-methods": methods,
  };
}

function whole(unlisted: UnlistedDocument, release = "1", types: Readonly<Record<string, Schema>> = definitions) {
  return withUnlisted(types, unlisted, release, UNIONS);
}

describe("a method that no document lists", () => {
  test("is an arm of the union of its kind, with its types beside those of the release", () => {
    const types = whole(document(ASK));
    expect(Object.keys(types)).toEqual([...Object.keys(definitions), "AskParams", "Answer"]);
    expect(types.Request?.oneOf).toEqual([
      {
        type: "object",
        properties: {
          id: { $ref: "#/definitions/RequestId" },
          method: { type: "string", enum: ["ask"] },
          params: { $ref: "#/definitions/AskParams" },
        },
        required: ["id", "method", "params"],
      },
    ]);
  });

  test("has no id when it is a notice, and is not in releases that do not have it", () => {
    const told: UnlistedMethod = { ...ASK, method: "told", kind: "notice", from: "server", result: null };
    expect(whole(document(told)).Notice?.oneOf?.[0]?.required).toEqual(["method", "params"]);
    expect(whole(document(told), "2")).toEqual(definitions);
  });

  test.each<[string, UnlistedDocument, Readonly<Record<string, Schema>>, string]>([
    [
      "the release lists by now",
      document({ ...ASK, params: "Word", result: "Word" }),
      { ...definitions, Request: { oneOf: [object({ method: { enum: ["ask"] } })] } },
      "method ask is listed by release 1 itself",
    ],
    [
      "has a type that the release lists by now",
      document(ASK),
      { ...definitions, Answer: object({}) },
      "type Answer is listed by release 1 itself",
    ],
    [
      "refers to a type that is nowhere",
      document({ ...ASK, params: "Lost" }),
      definitions,
      "unlisted methods refer to Lost, which release 1 lacks",
    ],
    [
      "is of a kind without a union",
      document({ ...ASK, from: "server" }),
      definitions,
      "no union for the unlisted method ask",
    ],
  ])("stops the generator when it %s", (_, unlisted, types, message) => {
    expect(() => whole(unlisted, "1", types)).toThrow(message);
  });
});
