import { describe, expect, test } from "vitest";
import type { ImportedSource } from "../../src/api.ts";
import { emitTypes } from "../../src/emit/types.ts";
import { canonicalImport } from "../../src/read/canonical-import.ts";
import { importedMethods } from "../../src/read/imported.ts";
import type { Schema } from "../../src/schema/json-schema.ts";
import { readShape } from "../../src/schema/read-shape.ts";
import { object } from "../support.ts";

const source: ImportedSource = {
  kind: "imported",
  package: "one",
  command: ["schemas"],
  file: "one.json",
  nested: ["v2"],
  releases: [{ release: "1.2", document: "one.json" }],
  unlisted: "unlisted.json",
  renamedMembers: {},
  choices: {},
  experimentalVariants: {},
  repeatable: ["a/may"],
  unions: [
    { type: "Request", kind: "request", from: "client" },
    { type: "Notice", kind: "notice", from: "server" },
  ],
  resultOf: { params: "Params", result: "Response" },
  resultExceptions: { "a/odd": "OddResponse" },
};

function arm(method: unknown, params?: Schema): Schema {
  const properties: Record<string, Schema> = { method: { type: "string", enum: [method] } };
  return {
    type: "object",
    properties: params === undefined ? properties : { ...properties, params },
    required: ["method"],
  };
}

function ref(name: string): Schema {
  return { $ref: `#/definitions/${name}` };
}

function types(requests: readonly Schema[], notices: readonly Schema[] = [arm("n", ref("Noted"))]) {
  const all = {
    ...Object.fromEntries(["AParams", "AResponse", "OddResponse", "Noted"].map((name) => [name, object({})])),
  };
  return new Map<string, Schema>(
    Object.entries({ ...all, Request: { oneOf: [...requests] }, Notice: { oneOf: [...notices] } }),
  );
}

const odd = arm("a/odd", { type: "null" });

describe("the methods of an imported API", () => {
  test("are the arms of its unions, with results by rule or by exception", () => {
    const optional = { anyOf: [ref("AParams"), { type: "null" }] };
    const rows = importedMethods(source, types([arm("a/do", ref("AParams")), odd, arm("a/may", optional)]), "1.2");
    expect(
      rows.map(({ method, kind, from, params, result, since }) => [method, kind, from, params, result, since]),
    ).toEqual([
      ["a/do", "request", "client", "AParams", "AResponse", "1.2"],
      ["a/odd", "request", "client", null, "OddResponse", "1.2"],
      ["a/may", "request", "client", "AParams", "AResponse", "1.2"],
      ["n", "notice", "server", "Noted", null, "1.2"],
    ]);
  });

  test.each<[string, readonly Schema[], string]>([
    [
      "no params to name its result by",
      [odd, arm("a/b")],
      "method a/b has no params to name its result by: it needs an exception",
    ],
    [
      "a result that is no type",
      [odd, arm("a/b", ref("Noted"))],
      "method a/b has no result: Noted does not end in Params, so it needs an exception",
    ],
    [
      "a result of a type that is not there",
      [odd, arm("a/b", ref("BParams"))],
      "method a/b has no result: there is no type BResponse",
    ],
    ["no method", [odd, { type: "object" }], "Request at oneOf[1] has no method"],
    [
      "two methods",
      [odd, { type: "object", properties: { method: { enum: ["a", "b"] } } }],
      "Request at oneOf[1] has no method",
    ],
    [
      "params that are no type",
      [odd, arm("a/b", { type: "string" })],
      "Request at oneOf[1] has params that are no type",
    ],
    ["a row already", [odd, odd], "method a/odd is there twice"],
  ])("are not told from an arm with %s", (_, requests, message) => {
    expect(() => importedMethods(source, types(requests), "1")).toThrow(message);
  });

  test("are not told without their union, or with an exception for nothing", () => {
    expect(() => importedMethods(source, new Map(), "1")).toThrow("type Request is no union of messages");
    expect(() => importedMethods(source, types([]), "1")).toThrow(
      "method a/odd has a result of its own, but is in no union",
    );
  });
});

describe("a canonical copy", () => {
  const canonical = (definitions: unknown, stable: unknown = definitions) =>
    canonicalImport({
      title: "one",
      release: "1.2",
      printedBy: "one",
      sources: [],
      document: { definitions },
      stable: { definitions: stable },
      nested: ["v2"],
      unions: ["Request"],
    });

  test("has all types side by side, without prose, and says the same", () => {
    const { definitions } = canonical({
      A: { $schema: "x", title: "Amazon::A", description: "An A.", type: "object", properties: { title: true } },
      v2: {
        B: { items: { $ref: "#/definitions/v2/C" }, type: "array", additionalProperties: true },
        C: { minimum: 0 },
      },
    });
    expect(definitions).toEqual({
      A: { type: "object", properties: { title: {} } },
      B: { items: { $ref: "#/definitions/C" }, type: "array", additionalProperties: true },
      C: { minimum: 0 },
    });
  });

  test("knows which methods are experimental", () => {
    const request = (...methods: readonly string[]) => ({ Request: { oneOf: methods.map((method) => arm(method)) } });
    expect(canonical(request("b", "a", "c"), request("c"))["x-experimental"]).toEqual(["a", "b"]);
  });

  test("keeps what it does not know, for the generator to refuse", () => {
    const { definitions } = canonical({ A: { patternProperties: { x: true } } });
    expect(() => readShape(definitions.A ?? {}, "A")).toThrow('A: keyword "patternProperties" is not one');
  });

  test("is not made of two types of one name", () => {
    expect(() => canonical({ A: { type: "string" }, v2: { A: { type: "null" } } })).toThrow("type A is there twice");
  });
});

describe("TypeScript of imported types", () => {
  const emitted = (schemas: Record<string, Schema>) =>
    emitTypes(new Map(Object.entries(schemas).map(([name, schema]) => [name, readShape(schema, name)])));

  test("has the names of the wire, also those that its compiler would change, and types that contain themselves", async () => {
    const source = await emitted({
      W3cContext: object({ more: ref("W3cContext"), "a-b": {} }),
      Tree: { type: "array", items: ref("Tree") },
    });
    expect(source).toMatch(/^export type W3cContext\b/m);
    expect(source).toMatch(/^export (?:type|interface) Tree\b/m);
    expect(source).toContain('"a-b": unknown');
  });

  test.each(["class", "A-B", "A::B", "1A", ""])("is not made of a type named %j", async (name) => {
    await expect(emitted({ [name]: { type: "string" } })).rejects.toThrow(`${JSON.stringify(name)} cannot name a type`);
  });
});
