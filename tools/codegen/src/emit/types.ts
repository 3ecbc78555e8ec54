import { compile } from "json-schema-to-typescript";
import { typeName } from "../identifiers.ts";
import type { RecordShape, Shape } from "../schema/shape.ts";

/** Schemas as the compiler of types takes them. */
type Schema = Parameters<typeof compile>[0];

/** What holds a member for each type; it ties the names of the wire to those that the compiler of types gives. */
const INDEX = "WireTypes";

/** TypeScript for imported types, as source: each under the name that it has on the wire. */
export async function emitTypes(shapes: ReadonlyMap<string, Shape>): Promise<string> {
  const names = [...shapes.keys()].map(typeName);
  const definitions = Object.fromEntries([...shapes].map(([name, shape]) => [name, schemaOf(shape)]));
  const properties = Object.fromEntries(names.map((name) => [name, { $ref: `#/definitions/${name}` }]));
  const index: Schema = { type: "object", properties, required: names, definitions };
  const source = await compile(index, INDEX, {
    additionalProperties: false,
    bannerComment: "",
    format: false,
    ignoreMinAndMaxItems: true,
  });
  const exported = new Set([...source.matchAll(/^export (?:type|interface) ([\w$]+)/gm)].map(([, name]) => name));
  const renamed = names.filter((name) => !exported.has(name));
  const aliases = renamed.map((name) => `export type ${name} = ${INDEX}[${JSON.stringify(name)}];\n`);
  return [source, ...aliases].join("\n");
}

/** The shape as the plainest schema of the same values, which leaves the compiler of types nothing to make up. */
function schemaOf(shape: Shape): Schema {
  switch (shape.kind) {
    case "anything":
      return {};
    case "null":
      return { type: "null" };
    case "boolean":
      return { type: "boolean" };
    case "words":
      return { enum: [...shape.words] };
    case "text":
      return { type: "string" };
    case "number":
      return { type: "number" };
    case "list":
      return { type: "array", items: schemaOf(shape.items) };
    case "record":
      return recordSchema(shape);
    case "map":
      return { type: "object", additionalProperties: schemaOf(shape.values) };
    case "reference":
      return { $ref: `#/definitions/${encodeURIComponent(shape.name)}` };
    case "nullable":
      return { anyOf: [schemaOf(shape.of), { type: "null" }] };
    case "union":
    case "exclusive":
      return { anyOf: shape.arms.map(schemaOf) };
    case "all":
      return { allOf: shape.parts.map(schemaOf) };
    case "tagged":
      return { anyOf: [...shape.arms.values()].flat().map(recordSchema) };
    case "variants": {
      const members = [...shape.members].map(([name, part]) =>
        recordSchema({ kind: "record", members: [{ name, shape: part, isRequired: true }], rest: "refused" }),
      );
      return { anyOf: [...(shape.words.length === 0 ? [] : [{ enum: [...shape.words] }]), ...members] };
    }
  }
}

function recordSchema({ members, rest }: RecordShape): Schema {
  return {
    type: "object",
    properties: Object.fromEntries(members.map(({ name, shape }) => [name, schemaOf(shape)])),
    required: members.filter(({ isRequired }) => isRequired).map(({ name }) => name),
    additionalProperties: typeof rest === "string" ? rest === "kept" : schemaOf(rest),
  };
}
