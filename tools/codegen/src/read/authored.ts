import TJS from "typescript-json-schema";
import type { Api, AuthoredSource } from "../api.ts";
import { WHOLE_FORMATS } from "../schema/formats.ts";
import { mapSchema, type Schema } from "../schema/json-schema.ts";
import type { ApiSchemas } from "./api-schemas.ts";
import { commentsOf, createTypeProgram, declaredWordOrder, exportedTypes, sourceFiles } from "./type-program.ts";

/** Turn the authored types of an API into schemas. */
export function schemasOfTypes(
  root: string,
  api: Api,
  source: AuthoredSource,
  brands: Readonly<Record<string, string>>,
): ApiSchemas {
  const files = sourceFiles(root, source);
  const program = createTypeProgram(root, files);
  const generator = TJS.buildGenerator(program, {
    ref: true,
    aliasRef: true,
    topRef: false,
    required: true,
    strictNullChecks: true,
    ignoreErrors: true,
    propOrder: true,
    validationKeywords: ["contentEncoding"],
  });
  if (generator === null) throw new Error(`no schema generator for ${api.name}`);
  for (const [brand, wire] of Object.entries(brands)) {
    generator.setSchemaOverride(brand, { $ref: `#/definitions/${wire}` });
  }
  const words = declaredWordOrder(root, program, files);
  const comments = commentsOf(program, Object.keys(brands));
  const types = new Map<string, Schema>();
  for (const name of [...exportedTypes(root, program, files).keys()].sort()) {
    const { $schema: _, definitions: __, ...schema } = generator.getSchemaForSymbol(name) as Schema;
    types.set(name, tidy(schema, words, brands, comments));
  }
  return { api, files, types };
}

function tidy(
  schema: Schema,
  words: ReadonlyMap<string, string[]>,
  brands: Readonly<Record<string, string>>,
  comments: ReadonlySet<string>,
): Schema {
  return mapSchema(schema, (part) =>
    nullLast(wordsInOrder(wholeNumbers(membersInOrder(resolveBrands(part, brands, comments))), words)),
  );
}

/** What the comment of a brand says about TypeScript is nothing to those who write other languages. */
function resolveBrands(
  schema: Schema,
  brands: Readonly<Record<string, string>>,
  comments: ReadonlySet<string>,
): Schema {
  if (schema.$ref === undefined) return schema;
  const wire = brands[schema.$ref.replace("#/definitions/", "")];
  const { description, ...rest } = wire === undefined ? schema : { ...schema, $ref: `#/definitions/${wire}` };
  return description === undefined || comments.has(description) ? rest : { description, ...rest };
}

/** `required` in the order of declaration, which is the order in which peers report missing members. */
function membersInOrder({ propertyOrder, ...schema }: Schema): Schema {
  if (schema.required === undefined || propertyOrder === undefined) return schema;
  const required = new Set(schema.required);
  return { ...schema, required: propertyOrder.filter((name) => required.has(name)) };
}

/** The format of a list means its items. A number with the format of a whole number becomes an integer with bounds. */
function wholeNumbers(schema: Schema): Schema {
  const { format, ...rest } = schema;
  if (format === undefined) return schema;
  if (rest.type === "array") return { ...rest, items: wholeNumbers({ ...rest.items, format }) };
  const bounds = WHOLE_FORMATS[format];
  if (bounds === undefined) return schema;
  const [minimum, maximum] = bounds;
  const type = Array.isArray(rest.type) ? rest.type.map(integer) : integer(rest.type ?? "number");
  return { ...rest, format, type, minimum, ...(maximum === undefined ? {} : { maximum }) };
}

function integer(type: string): string {
  return type === "number" ? "integer" : type;
}

function wordsInOrder(schema: Schema, words: ReadonlyMap<string, string[]>): Schema {
  if (schema.enum === undefined) return schema;
  return { ...schema, enum: words.get([...schema.enum].sort().join("\0")) ?? schema.enum };
}

function nullLast(schema: Schema): Schema {
  if (!Array.isArray(schema.type)) return schema;
  return { ...schema, type: [...schema.type].sort((a, b) => Number(a === "null") - Number(b === "null")) };
}
