import { describe, expect, test } from "vitest";
import { validatorFiles } from "../../src/emit/validator-modules.ts";
import type { Schema } from "../../src/schema/json-schema.ts";
import { object, row, settings, typesOf } from "../support.ts";

function validators(types: Record<string, Schema>): string {
  return validatorFiles(typesOf(types), [row("a/b")], settings).get("zod.gen.ts") ?? "";
}

describe("validators", () => {
  test("name hostile members exactly", () => {
    const source = validators({ Params: object({ "a-b": { type: "string" }, "*/": { type: "boolean" }, plain: {} }) });
    expect(source).toContain('  "a-b": z.string(),\n  "*/": z.boolean(),\n  plain: present,\n');
  });

  test("decode base64 for either side, and leave what a method looks at itself to the method", () => {
    const chunk = object({ chunk: { type: "string", contentEncoding: "base64" } });
    const content = object({ content: { type: "string", contentEncoding: "base64" } });
    const source = validators({ Params: content, Result: chunk });
    expect(source).toMatch(/typed<Received<T.Params>>[^;]*content: base64Content,/);
    expect(source).toMatch(/typed<Received<T.Result>>[^;]*chunk: base64,/);
  });

  test("say that a type is received when what it holds is", () => {
    const source = validators({
      Params: object({}),
      Result: object({ chunks: { type: "array", items: { $ref: "#/definitions/Chunk" } } }),
      Chunk: object({ chunk: { type: "string", contentEncoding: "base64" } }),
    });
    expect(source).toMatch(/resultSchema = typed<Received<T.Result>>\(/);
    expect(source).toMatch(/paramsSchema = typed<T.Params>\(/);
  });

  test("come before those that use them", () => {
    const source = validators({ Params: object({ inner: { $ref: "#/definitions/Inner" } }), Inner: object({}) });
    expect(source.indexOf("const innerSchema")).toBeLessThan(source.indexOf("const paramsSchema"));
  });

  test("say what each form of a schema says", () => {
    const arm = (word: string, more: Record<string, Schema> = {}): Schema =>
      object({ kind: { type: "string", enum: [word] }, ...more });
    const source = validators({
      Params: object({
        map: { type: "object", additionalProperties: { type: "integer", format: "uint16", minimum: 0 } },
        any: { type: "object", additionalProperties: true },
        both: { type: ["string", "object", "null"] },
        one: { oneOf: [arm("a"), arm("b", { size: { type: "number", format: "double" } })] },
        variants: {
          oneOf: [
            { type: "string", enum: ["x"] },
            { ...object({ y: {} }), additionalProperties: false },
          ],
        },
        words: {
          oneOf: [
            { type: "string", enum: ["x"] },
            { type: "string", enum: ["y"] },
          ],
        },
        exclusive: { oneOf: [{ type: "string" }, { type: "boolean" }] },
        all: { allOf: [{ $ref: "#/definitions/Result" }, { $ref: "#/definitions/Params" }] },
        single: { allOf: [{ $ref: "#/definitions/Result" }] },
        list: { type: "array", items: { type: "string" }, maxItems: 3 },
        text: { type: "string", minLength: 1, pattern: "^a" },
        number: { type: "integer", format: "uint32", minimum: 1, maximum: 4294967295 },
        plain: { type: "number" },
        enum: { enum: ["a", 1, null] },
        nothing: { type: "null" },
      }),
    });
    for (const line of [
      "  map: mapOf(uint16),",
      "  any: jsonObject,",
      '  both: z.nullable(z.union([z.string(), record("Params", {})])),',
      '  one: tagged("kind", { a: record("Params", {\n  kind: z.literal("a"),\n}), b: record("Params", {',
      '  variants: variants(["x"], { y: z.unknown() }),',
      '  words: z.enum(["x", "y"]),',
      "  exclusive: z.xor([z.string(), z.boolean()]),",
      "  all: z.intersection(resultSchema(), z.lazy(paramsSchema)),",
      "  single: resultSchema(),",
      "  list: itemsWithin(z.array(z.string()), 0, 3),",
      '  text: textWithin(matching("^a"), 1, Number.POSITIVE_INFINITY),',
      "  number: bounded(uint32, { minimum: 1 }),",
      "  plain: z.number(),",
      '  enum: z.nullable(z.literal(["a", 1])),',
      "  nothing: z.null(),",
    ]) {
      expect(source).toContain(line);
    }
  });

  test("may contain themselves", () => {
    const source = validators({
      Params: object({ more: { $ref: "#/definitions/Other" } }),
      Other: object({ back: { $ref: "#/definitions/Params" }, out: { $ref: "#/definitions/Result" } }),
    });
    expect(source).toContain("export const paramsSchema: Typed<T.Params> = typed<T.Params>(");
    expect(source).toContain("  more: z.lazy(otherSchema),");
    expect(source).toContain("  back: z.lazy(paramsSchema),\n  out: resultSchema(),");
  });

  test("refuse members that are not named where a schema closes an object, and check those that it types", () => {
    const source = validators({
      Params: { ...object({ a: {} }), additionalProperties: false },
      Result: { ...object({ b: {} }), additionalProperties: { type: "string" } },
    });
    expect(source).toContain('closedRecord("Params", {\n  a: present,\n})');
    expect(source).toContain('recordOf("Result", {\n  b: present,\n}, z.string())');
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
      "a format that another package checks",
      { Params: object({ at: { type: "string", format: "path-uri" } }) },
      'Params: format "path-uri" is checked by the package that owns it',
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

describe("validators by namespace", () => {
  const files = validatorFiles(
    typesOf({
      AParams: object({ own: { $ref: "#/definitions/Own" }, both: { $ref: "#/definitions/Both" } }),
      BParams: object({ both: { $ref: "#/definitions/Both" } }),
      Own: object({}),
      Both: object({}),
    }),
    [
      row("oneSpace/do/it", { params: "AParams" }),
      row("two/do", { params: "BParams", result: "Both" }),
      row("alone", { kind: "notice", params: null, result: null }),
    ],
    { ...settings, split: "namespace" },
  );

  test("are a file for each first part of a method name, and one for what they share", () => {
    expect([...files.keys()]).toEqual([
      "shared/zod.gen.ts",
      "one-space/zod.gen.ts",
      "two/zod.gen.ts",
      "session/zod.gen.ts",
      "zod.gen.ts",
    ]);
    expect(files.get("shared/zod.gen.ts")).toMatch(/const bothSchema/);
    expect(files.get("one-space/zod.gen.ts")).toMatch(/const ownSchema[\s\S]*const aParamsSchema/);
    expect(files.get("one-space/zod.gen.ts")).toContain('import { bothSchema } from "../shared/zod.gen.ts";');
    expect(files.get("one-space/zod.gen.ts")).toContain('import type * as T from "../../types.ts";');
  });

  test.each([
    [
      ["shared/do"],
      "the file of what namespaces share and methods below shared/ would both be named shared/zod.gen.ts",
    ],
    [
      ["do", "session/do"],
      "methods without a namespace and methods below session/ would both be named session/zod.gen.ts",
    ],
    [["aB/do", "a-b/do"], "methods below aB/ and methods below a-b/ would both be named a-b/zod.gen.ts"],
  ])("are not made for %j", (names, message) => {
    const methods = names.map((name) => row(name, { params: null, result: null }));
    expect(() => validatorFiles(typesOf({}), methods, { ...settings, split: "namespace" })).toThrow(message);
  });

  test("have one table over all of them", () => {
    expect(files.get("zod.gen.ts")).toContain('import { METHOD_SCHEMAS as schemas1 } from "./two/zod.gen.ts";');
    expect(files.get("session/zod.gen.ts")).toContain('  "alone": { params: null, result: null },');
  });
});
