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

  test("look into an object of plain values within", () => {
    const inner = { ...object({ a: { type: "string" }, b: { type: "boolean" } }), required: ["a"] };
    const outer = { ...object({ inner: { $ref: "#/definitions/Inner" } }), required: [] };
    const source = result(outer, { Inner: inner });
    for (const line of [
      "    if (inner !== undefined) {\n      const innerRecord = quickInner(inner);",
      "      if (innerRecord === undefined) return undefined;\n      checked.inner = innerRecord;",
      "function quickInner(value: unknown): Received<T.Inner> | undefined {\n  if (!isRecord(value)) return undefined;",
      "  const { a, b } = value;\n  if (!isString(a)) return undefined;\n  const checked: Received<T.Inner> = { a };",
      "  if (b !== undefined) {\n    if (!isBoolean(b)) return undefined;\n    checked.b = b;\n  }\n  return checked;",
    ]) {
      expect(source).toContain(line);
    }
  });

  test("look two objects deep, and read what another package can read, alone and in lists", () => {
    const path = { $ref: "#/definitions/PathUriText" };
    const outer = { ...object({ inner: { $ref: "#/definitions/Inner" } }), required: ["inner"] };
    const types: Record<string, Schema> = {
      Inner: { ...object({ more: { $ref: "#/definitions/More" }, path }), required: ["more"] },
      More: { ...object({ all: { anyOf: [{ type: "array", items: path }, { type: "null" }] } }), required: ["all"] },
      PathUriText: { type: "string", format: "path-uri" },
    };
    const read = { PathUriText: { from: "paths/zod", name: "schema", quick: { from: "paths", name: "readPath" } } };
    const quick = { ...settings, foreign: { ...settings.foreign, ...read } };
    const source = emitQuickChecks(typesOf({ Params: object({}), ...types, Result: outer }), [row("a/b")], quick);
    for (const line of [
      'import { readPath } from "paths";',
      "    const innerRecord = quickInner(inner);",
      "  const moreRecord = quickMore(more);",
      "    const pathValue = readPath(path);\n    if (pathValue === undefined) return undefined;",
      "  const allList = all === null ? null : listOf(all, readPath);",
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
      "an object within that has more than plain values",
      object({ inner: { $ref: "#/definitions/Inner" } }),
      { Inner: object({ a: { type: "array", items: { type: "string" } } }) },
    ],
    [
      "an object three deep within",
      object({ inner: { $ref: "#/definitions/Inner" } }),
      {
        Inner: object({ more: { $ref: "#/definitions/More" } }),
        More: object({ most: { $ref: "#/definitions/Most" } }),
        Most: object({ a: { type: "string" } }),
      },
    ],
    [
      "itself within",
      object({ inner: { $ref: "#/definitions/Inner" } }),
      { Inner: object({ inner: { $ref: "#/definitions/Inner" } }) },
    ],
  ])("leave a type with %s to its validator", (_, schema, types) => {
    expect(result(schema, types)).not.toContain('"a/b"');
  });
});
