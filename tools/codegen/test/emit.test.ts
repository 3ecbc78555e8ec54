import { describe, expect, test } from "vitest";
import { emitQuickChecks } from "../src/emit-quick-checks.ts";
import { emitStubTypes } from "../src/emit-stub-types.ts";
import { emitValidators } from "../src/emit-validators.ts";
import type { Schema } from "../src/json-schema.ts";
import type { MethodTableRow } from "../src/method-table.ts";

function row(method: string, change: Partial<MethodTableRow> = {}): MethodTableRow {
  return {
    method,
    kind: "request",
    from: "client",
    params: "Params",
    result: "Result",
    family: "exec",
    since: "0.142",
    replay: "never",
    errors: [],
    ...change,
  };
}

function object(properties: Record<string, Schema>): Schema {
  return {
    type: "object",
    properties,
    required: Object.keys(properties),
  };
}
function catalog(types: Record<string, Schema>) {
  return new Map(
    Object.entries({ Result: object({}), ...types }).map(([name, schema]) => [name, { schema, api: "one" }]),
  );
}
function validators(types: Record<string, Schema>) {
  return emitValidators(catalog(types), [row("a/b")]);
}

describe("validators", () => {
  test("name hostile members exactly", () => {
    const source = validators({ Params: object({ "a-b": { type: "string" }, "*/": { type: "boolean" }, plain: {} }) });
    expect(source).toContain('  "a-b": z.string(),\n  "*/": z.boolean(),\n  plain: present,\n');
  });

  test("decode base64 for either side, and leave what a method looks at itself to the method", () => {
    const chunk = object({ chunk: { type: "string", format: "base64" } });
    const content = object({ content: { type: "string", contentEncoding: "base64" } });
    const source = validators({ Params: content, Result: chunk });
    expect(source).toMatch(/ZodType<Received<T.Params>>[^;]*content: base64Content,/);
    expect(source).toMatch(/ZodType<Received<T.Result>>[^;]*chunk: base64,/);
  });

  test("say that a type is received when what it holds is", () => {
    const source = validators({
      Params: object({}),
      Result: object({ chunks: { type: "array", items: { $ref: "#/definitions/Chunk" } } }),
      Chunk: object({ chunk: { type: "string", format: "base64" } }),
    });
    expect(source).toMatch(/resultSchema: z.ZodType<Received<T.Result>>/);
    expect(source).toMatch(/paramsSchema: z.ZodType<T.Params>/);
  });

  test("come before those that use them", () => {
    const source = validators({ Params: object({ inner: { $ref: "#/definitions/Inner" } }), Inner: object({}) });
    expect(source.indexOf("const innerSchema")).toBeLessThan(source.indexOf("const paramsSchema"));
  });

  test("import what other packages own", () => {
    const source = validators({
      Params: object({ path: { $ref: "#/definitions/PathUriText" } }),
      PathUriText: { type: "string", format: "path-uri" },
    });
    expect(source).toContain('import { pathUriSchema } from "@holdfast/path-uri/zod";');
    expect(source).toContain("path: pathUriSchema,");
    expect(source).not.toContain("pathUriTextSchema");
  });

  test.each([
    [
      "a type that contains itself",
      { Params: object({ more: { $ref: "#/definitions/Params" } }) },
      "type Params contains itself: Params > Params",
    ],
    [
      "a format that nobody checks",
      { Params: object({ at: { type: "string", format: "date" } }) },
      'Params: no validator for format "date"',
    ],
    ["a bare number", { Params: object({ at: { type: "number" } }) }, 'Params: no validator for {"type":"number"}'],
    [
      "several types at once",
      { Params: object({ at: { type: ["string", "boolean"] } }) },
      'Params: no validator for type ["string","boolean"]',
    ],
    [
      "a type that nobody exports",
      { Params: object({ at: { $ref: "#/definitions/Nowhere" } }) },
      "type Nowhere is referred to, but no API exports it",
    ],
    [
      "a type name that is no name",
      { Params: object({ at: { $ref: "#/definitions/A%3CB%3E" } }), "A<B>": object({}) },
      '"A<B>" cannot name a type',
    ],
    [
      "two validators of one name",
      {
        Params: object({ a: { $ref: "#/definitions/Same" }, b: { $ref: "#/definitions/same" } }),
        Same: object({}),
        same: object({}),
      },
      "type Same and type same would both be named sameSchema",
    ],
  ])("are not made for %s", (_, types, message) => {
    expect(() => validators(types)).toThrow(message);
  });
});

const stubTypes = (...rows: readonly MethodTableRow[]) =>
  emitStubTypes(rows, { client: "Client", server: "Callbacks" });

describe("types of stubs", () => {
  test("group methods by the parts of their names, as many as there are", () => {
    const source = stubTypes(
      row("a/b", { errors: ["NotFound"] }),
      row("a/c", { params: null }),
      row("a/d/e/f"),
      row("g", { kind: "notice", params: null, result: null }),
    );
    expect(source).toContain(
      [
        "export interface Client {",
        "  readonly a: {",
        "    /** `a/b`, since 0.142. Refusals: NotFound. */",
        "    b(params: Sendable<T.Params>, options?: CallOptions): Promise<Received<T.Result>>;",
        "    /** `a/c`, since 0.142. */",
        "    c(options?: CallOptions): Promise<Received<T.Result>>;",
        "    readonly d: {",
        "      readonly e: {",
        "        /** `a/d/e/f`, since 0.142. */",
        "        f(params: Sendable<T.Params>, options?: CallOptions): Promise<Received<T.Result>>;",
        "      };",
        "    };",
        "  };",
        "  /** `g`, since 0.142. */",
        "  g(): void;",
      ].join("\n"),
    );
  });

  test("make a method that is the way to others a function with members", () => {
    expect(stubTypes(row("a/b"), row("a"))).toContain(
      [
        "  readonly a: {",
        "    /** `a`, since 0.142. */",
        "    (params: Sendable<T.Params>, options?: CallOptions): Promise<Received<T.Result>>;",
        "    /** `a/b`, since 0.142. */",
        "    b(params: Sendable<T.Params>, options?: CallOptions): Promise<Received<T.Result>>;",
        "  };",
      ].join("\n"),
    );
  });

  test("hold the methods of each side apart", () => {
    const source = stubTypes(
      row("a/b"),
      row("s/t", { from: "server" }),
      row("s/u", { from: "server", kind: "notice" }),
    );
    expect(source).toContain('export interface ClientRequests {\n  "a/b": { params: T.Params; result: T.Result };\n}');
    expect(source).toContain('export interface ServerRequests {\n  "s/t": { params: T.Params; result: T.Result };\n}');
    expect(source).toContain('export interface ServerNotices {\n  "s/u": T.Params;\n}');
    const [client = "", callbacks = ""] = source.split("export interface Callbacks");
    expect(client.slice(client.indexOf("export interface Client {"))).not.toContain("s/t");
    expect(callbacks).toContain("    u(params: Sendable<T.Params>): void;");
    expect(callbacks).not.toContain("a/b");
  });

  test.each([
    ["a method in the place of `on`", ["on"], "a method that the client sends is in the place of stub.on"],
    [
      "a method that would make a promise of a stub",
      ["then"],
      "a method that the client sends is in the place of stub.then",
    ],
    ["the same place twice", ["a/b", "a/b"], "method a/b and method a/b would both be named a.b"],
    ["a name with code in it", ["a/b(){}"], 'method "a/b(){}" has no place in a stub'],
    ["a name with nothing between", ["a//b"], 'method "a//b" has no place in a stub'],
  ])("are not made for %s", (_, methods, message) => {
    expect(() => stubTypes(...methods.map((method) => row(method)))).toThrow(message);
  });
});

describe("quick checks", () => {
  const result = (schema: Schema, types: Record<string, Schema> = {}) =>
    emitQuickChecks(catalog({ Params: object({}), ...types, Result: schema }), [row("a/b")]);

  test("look at each member once, absent and null ones too", () => {
    const source = result(
      {
        ...object({
          name: { type: "string" },
          chunk: { type: "string", format: "base64" },
          kind: { $ref: "#/definitions/Kind" },
          note: { type: ["string", "null"] },
          count: { anyOf: [{ type: "integer", format: "uint64" }, { type: "null" }] },
        }),
        required: ["name", "chunk", "kind"],
      },
      { Kind: { type: "string", enum: ["x", "y"] } },
    );
    for (const line of [
      '  "a/b": ({ name, chunk, kind, note, count }) => {',
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
