import type { Schema } from "../schema/json-schema.ts";
import type { RecordShape, Shape, TextShape } from "../schema/shape.ts";

/** The schema that {@link readShape} reads as this shape, or as one of the same values. */
export function schemaOfShape(shape: Shape): Schema {
  switch (shape.kind) {
    case "anything":
      return {};
    case "null":
    case "boolean":
      return { type: shape.kind };
    case "words":
      return shape.words.every((word) => typeof word === "string")
        ? { type: "string", enum: [...shape.words] }
        : { enum: [...shape.words] };
    case "text":
      return textSchema(shape);
    case "number":
      return { type: shape.isWhole ? "integer" : "number", ...defined({ format: shape.format }), ...shape.bounds };
    case "list":
      return {
        type: "array",
        ...(shape.items.kind === "anything" ? {} : { items: schemaOfShape(shape.items) }),
        ...defined({ minItems: shape.minItems, maxItems: shape.maxItems }),
      };
    case "record":
      return recordSchema(shape);
    case "map":
      return { type: "object", additionalProperties: schemaOfShape(shape.values) };
    case "reference":
      return { $ref: `#/definitions/${encodeURIComponent(shape.name)}` };
    case "nullable":
      return { anyOf: [schemaOfShape(shape.of), { type: "null" }] };
    case "union":
      return { anyOf: shape.arms.map(schemaOfShape) };
    case "exclusive":
      return { oneOf: shape.arms.map(schemaOfShape) };
    case "all":
      return { allOf: shape.parts.map(schemaOfShape) };
    case "tagged":
      return { oneOf: [...shape.arms.values()].map(alternatives) };
    case "variants": {
      const members = [...shape.members].map(([name, member]) =>
        recordSchema({ kind: "record", members: [{ name, shape: member, isRequired: true }], rest: "refused" }),
      );
      const words = shape.words.length === 0 ? [] : [{ type: "string", enum: [...shape.words] }];
      return { oneOf: [...words, ...members] };
    }
  }
}

function alternatives(records: readonly RecordShape[]): Schema {
  const [only, ...more] = records;
  return only !== undefined && more.length === 0 ? recordSchema(only) : { anyOf: records.map(recordSchema) };
}

function textSchema({ format, isBase64, minLength, maxLength, pattern }: TextShape): Schema {
  const contentEncoding = isBase64 ? "base64" : undefined;
  return { type: "string", ...defined({ format, contentEncoding, minLength, maxLength, pattern }) };
}

function recordSchema({ members, rest }: RecordShape): Schema {
  const required = members.filter(({ isRequired }) => isRequired).map(({ name }) => name);
  return {
    type: "object",
    properties: Object.fromEntries(members.map(({ name, shape }) => [name, schemaOfShape(shape)])),
    ...(required.length === 0 ? {} : { required }),
    ...(rest === "open" ? {} : { additionalProperties: restSchema(rest) }),
  };
}

function restSchema(rest: Exclude<RecordShape["rest"], "open">): Schema | boolean {
  return typeof rest === "string" ? rest === "kept" : schemaOfShape(rest);
}

function defined(members: Readonly<Record<string, string | number | undefined>>): Schema {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
