import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Api, AuthoredSource } from "../../src/api.ts";
import { catalogOf, typeFiles } from "../../src/emit/schema-files.ts";
import { schemasOfTypes as schemasOf } from "../../src/read/authored.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "codegen-types-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function api(name: string, files: Readonly<Record<string, string>>): Api {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name, file)), { recursive: true });
    writeFileSync(join(root, name, file), text);
  }
  const source: AuthoredSource = { kind: "authored", package: name, files: [name], brands: {} };
  return { name, source, schemas: `schemas/${name}`, description: "", protocol: null };
}

function schemasOfTypes(root: string, api: Api, brands: Readonly<Record<string, string>>) {
  if (api.source.kind !== "authored") throw new Error(`${api.name} is not authored`);
  return schemasOf(root, api, api.source, brands);
}

function typesOf(text: string) {
  return Object.fromEntries(schemasOfTypes(root, api("one", { "types.ts": text }), {}).types);
}

describe("schemas of types", () => {
  test("make whole numbers of formats, also where null is allowed and in lists", () => {
    const { Sizes } = typesOf(`export interface Sizes {
      /** @format uint64 */ a: number;
      /** @format int32 */ b?: number | null;
      /** @format uint16 */ c: number[];
    }`);
    expect(Sizes?.properties).toEqual({
      a: { type: "integer", format: "uint64", minimum: 0 },
      b: { type: ["integer", "null"], format: "int32", minimum: -2147483648, maximum: 2147483647 },
      c: { type: "array", items: { type: "integer", format: "uint16", minimum: 0, maximum: 65535 } },
    });
  });

  test("keep words and required members in the order in which they are written", () => {
    const types = typesOf(`export type Word = "core" | "all" | "none";
      export interface Use { z: Word; a?: Word | null; b: string }`);
    expect(types.Word?.enum).toEqual(["core", "all", "none"]);
    expect(types.Use?.required).toEqual(["z", "b"]);
    expect(types.Use?.properties?.a?.anyOf?.[0]?.enum).toEqual(["core", "all", "none"]);
    expect(types.Use).not.toHaveProperty("propertyOrder");
  });

  test("carry descriptions", () => {
    const { Doc } = typesOf("/** A thing. */\nexport interface Doc {\n  /** Its name. */\n  name: string;\n}");
    expect(Doc).toMatchObject({ description: "A thing.", properties: { name: { description: "Its name." } } });
  });

  test("take hostile member names as they are", () => {
    const { Odd } = typesOf('export interface Odd { "a-b": string; "": number; "*/": boolean; "x\\ny": null }');
    expect(Odd?.required).toEqual(["a-b", "", "*/", "x\ny"]);
  });

  test("stand for the wire type of a brand", () => {
    const text = `declare const brand: unique symbol;
      export type Text = string;
      type Branded = string & { readonly [brand]: 1 };
      export interface Use { a: Branded; b?: Branded | null; c: Branded[] }`;
    const { types } = schemasOfTypes(root, api("one", { "types.ts": text }), { Branded: "Text" });
    expect(types.get("Use")?.properties).toEqual({
      a: { $ref: "#/definitions/Text" },
      b: { anyOf: [{ $ref: "#/definitions/Text" }, { type: "null" }] },
      c: { type: "array", items: { $ref: "#/definitions/Text" } },
    });
  });

  test("leave out what the comment of a brand says to those who write TypeScript", () => {
    const text = `declare const brand: unique symbol;
      export type Text = string;
      /** Only parsers make one. */
      type Branded = string & { readonly [brand]: 1 };
      export interface Use {
        a: Branded;
        b?: Branded | null;
        /** Its own. */
        c: Branded;
      }`;
    const { types } = schemasOfTypes(root, api("one", { "types.ts": text }), { Branded: "Text" });
    expect(types.get("Use")?.properties).toEqual({
      a: { $ref: "#/definitions/Text" },
      b: { anyOf: [{ $ref: "#/definitions/Text" }, { type: "null" }] },
      c: { description: "Its own.", $ref: "#/definitions/Text" },
    });
  });

  test("do not exist for types that do not compile", () => {
    expect(() => typesOf("export interface Broken { a: Missing }")).toThrow(
      /do not compile[\s\S]*Cannot find name 'Missing'/,
    );
  });

  test("do not exist for a name that two files export", () => {
    const twice = api("one", { "a.ts": "export type A = string;", "b.ts": "export type A = number;" });
    expect(() => schemasOfTypes(root, twice, {})).toThrow("type A is exported by one/a.ts and by one/b.ts");
  });
});

describe("several APIs", () => {
  test("refer to each other by file", () => {
    const low = schemasOfTypes(root, api("low", { "a.ts": "export interface Low { x: string }" }), {});
    const high = schemasOfTypes(
      root,
      api("high", {
        "b.ts":
          'import type { Low } from "../low/a.ts"; export interface High { low: Low; own: Own } export interface Own { y: string }',
      }),
      {},
    );
    const file = typeFiles(high, catalogOf([low, high])).get("schemas/high/High.json");
    expect(JSON.parse(file ?? "").properties).toEqual({ low: { $ref: "../low/Low.json" }, own: { $ref: "Own.json" } });
  });

  test("may not share a name", () => {
    const low = schemasOfTypes(root, api("low", { "a.ts": "export type A = string;" }), {});
    const high = schemasOfTypes(root, api("high", { "a.ts": "export type A = string;" }), {});
    expect(() => catalogOf([low, high])).toThrow("type A belongs to low and to high");
  });

  test("may not refer to a type that nobody exports", () => {
    const one = schemasOfTypes(
      root,
      api("one", { "a.ts": "interface Hidden { x: string } export interface A { hidden: Hidden }" }),
      {},
    );
    expect(() => typeFiles(one, catalogOf([one]))).toThrow("type Hidden is referred to, but no API exports it");
  });
});
