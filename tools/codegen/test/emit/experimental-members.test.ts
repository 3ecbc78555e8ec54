import { expect, test } from "vitest";
import { type ExperimentalSource, emitExperimentalMembers } from "../../src/emit/experimental-members.ts";
import type { Schema } from "../../src/schema/json-schema.ts";
import { readShape } from "../../src/schema/read-shape.ts";
import { Types } from "../../src/schema/types.ts";
import { row } from "../support.ts";

const SCHEMAS: Readonly<Record<string, Schema>> = {
  Params: {
    type: "object",
    properties: {
      plain: { type: "string" },
      given: { type: ["boolean", "null"] },
      over: { type: "string" },
      switch: { type: "boolean" },
      inner: { anyOf: [{ $ref: "#/definitions/Inner" }, { type: "null" }] },
      policy: { $ref: "#/definitions/Policy" },
      list: { type: "array", items: { $ref: "#/definitions/Item" } },
    },
  },
  Inner: { type: "object", properties: { deep: { type: "boolean" } } },
  Item: { type: "object", properties: { lost: { type: "string" } } },
  Policy: { type: "string" },
  Result: { type: "object", properties: { told: { type: "string" } } },
};

function emitted(experimental: readonly string[], over: readonly string[] = []): string {
  const source: ExperimentalSource = {
    types: new Types(new Map(Object.entries(SCHEMAS).map(([name, schema]) => [name, readShape(schema, name)]))),
    methods: [row("a/b", { result: "Result" }), row("c", { from: "server", params: "Inner" })],
    experimental: new Map([
      ...experimental.map((place) => [place, undefined] as const),
      ...over.map((place) => [place, "2"] as const),
    ]),
    experimentalVariants: { "Policy.some": { named: "policy.some", why: "it says so" } },
  };
  return emitExperimentalMembers(source);
}

test("members of params are listed with when they are there, at any depth, and nothing that is stable by now", () => {
  const source = emitted(["Params.given", "Params.switch", "Inner.deep", "Result.told"], ["Params.over"]);
  const rows = [
    '{ path: ["given"], counts: "given" }',
    '{ path: ["inner","deep"], counts: "true" }',
    '{ path: ["policy"], counts: { has: "some", named: "policy.some" } }',
    '{ path: ["switch"], counts: "true" }',
  ];
  expect(source).toContain(`  "a/b": [${rows.join(", ")}],\n  "c": [{ path: ["deep"], counts: "true" }],\n};`);
});

test("one in a list stops the generator", () => {
  expect(() => emitted(["Item.lost"])).toThrow(
    "Item.lost is experimental, and lies where clients can not be kept from it",
  );
});
