import { describe, expect, test } from "vitest";
import { emitQuickChecks } from "../../src/emit/quick-checks.ts";
import type { Schema } from "../../src/schema/json-schema.ts";
import { object, row, settings, typesOf } from "../support.ts";

describe("quick checks", () => {
  const result = (schema: Schema, types: Record<string, Schema> = {}) =>
    emitQuickChecks(typesOf({ Params: object({}), ...types, Result: schema }), [row("a/b")], settings);

  test("look at each member once, absent and null ones too", () => {
    const source = result(
      {
        ...object({
          name: { type: "string" },
          chunk: { type: "string", contentEncoding: "base64" },
          kind: { $ref: "#/definitions/Kind" },
          note: { type: ["string", "null"] },
          count: { anyOf: [{ type: "integer", format: "uint64" }, { type: "null" }] },
        }),
        required: ["name", "chunk", "kind"],
      },
      { Kind: { type: "string", enum: ["x", "y"] } },
    );
    for (const line of [
      '  "a/b": ({ name, chunk, kind, count, note }) => {',
      "    if (!isString(name)) return undefined;",
      "    const chunkBytes = bytesOf(chunk);",
      '    if (kind !== "x" && kind !== "y") return undefined;',
      "    const checked: Received<T.Result> = { name, chunk: chunkBytes, kind };",
      "    if (note !== undefined) {\n      if (note !== null && !isString(note)) return undefined;",
      "      if (count !== null && !isUint64(count)) return undefined;\n      checked.count = count;",
    ]) {
      expect(source).toContain(line);
    }
  });

  test.each<[string, Schema, Record<string, Schema>?]>([
    ["a bound", object({ size: { type: "integer", format: "uint32", minimum: 1 } })],
    ["bounded text", object({ name: { type: "string", minLength: 1 } })],
    ["a list", object({ all: { type: "array", items: { type: "string" } } })],
    ["any value", object({ any: {} })],
    ["a union", object({ one: { anyOf: [{ type: "string" }, { type: "boolean" }] } })],
    ["a format of its own", object({ id: { type: "string", format: "uuid" } })],
    ["members that are passed through", { ...object({ a: { type: "string" } }), additionalProperties: {} }],
    ["a name that is none in code", object({ "a-b": { type: "string" } })],
    ["no members", object({})],
    [
      "a type of another package",
      object({ path: { $ref: "#/definitions/PathUriText" } }),
      { PathUriText: { type: "string", format: "path-uri" } },
    ],
    [
      "an object within",
      object({ inner: { $ref: "#/definitions/Inner" } }),
      { Inner: object({ a: { type: "string" } }) },
    ],
  ])("leave a type with %s to its validator", (_, schema, types) => {
    expect(result(schema, types)).not.toContain('"a/b"');
  });
});
