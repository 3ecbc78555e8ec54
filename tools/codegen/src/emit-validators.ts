import { FOREIGN_VALIDATORS, KIT_VALIDATORS } from "./apis.ts";
import { literal, memberKey, uniqueNames, validatorName } from "./identifiers.ts";
import { definitionName, referencedNames, type Schema } from "./json-schema.ts";
import type { MethodTable } from "./method-table.ts";
import { type Catalog, lookUp } from "./schema-files.ts";

const FORMATS: Readonly<Record<string, string>> = {
  uint16: "uint16",
  uint32: "uint32",
  uint64: "uint64",
  int32: "int32",
  int64: "int64",
  uuid: "uuid",
};

/** What one run of the emitter needs to know. */
interface Context {
  readonly catalog: Catalog;
  /** Names used from the schema kit. */
  readonly kit: Set<string>;
  /** Names imported from other packages, by package. */
  readonly imports: Map<string, Set<string>>;
  /** Types that are read into others while they are checked: their base64 is decoded, or a context parsed. And those that hold such. */
  readonly decoded: Set<string>;
}

/** The validators of all types that methods use, as source. */
export function emitValidators(catalog: Catalog, methods: MethodTable): string {
  const roots = methods.flatMap(({ params, result }) => [params, result]).filter((name) => name !== null);
  const own = inOrderOfUse(roots, catalog).filter((name) => !isOwnedElsewhere(name));
  uniqueNames(own, validatorName, (name) => `type ${name}`);
  const context: Context = {
    catalog,
    kit: new Set(),
    imports: new Map(),
    decoded: new Set(),
  };
  const declarations = own.map((name) => declaration(name, context));
  const table = methodSchemas(methods);
  return [imports(own, context), ...declarations, table].join("\n");
}

function declaration(name: string, context: Context): string {
  const { schema } = lookUp(name, context.catalog);
  const value = expression(schema, context, name);
  if (referencedNames(schema).some((inner) => context.decoded.has(inner))) context.decoded.add(name);
  const type = context.decoded.has(name) ? `Received<T.${name}>` : `T.${name}`;
  return `export const ${validatorName(name)}: z.ZodType<${type}> = ${value};\n`;
}

function expression(schema: Schema, context: Context, owner: string): string {
  if (schema.$ref !== undefined) return reference(definitionName(schema.$ref), context, owner);
  if (schema.anyOf !== undefined) return unionOf(schema.anyOf, context, owner);
  if (schema.const !== undefined) return `z.literal(${literal(schema.const)})`;
  if (schema.enum !== undefined) return `z.enum([${schema.enum.map(literal).join(", ")}])`;
  if (Array.isArray(schema.type)) return nullable(schema.type, schema, context, owner);
  if (schema.type === "array") return `z.array(${expression(schema.items ?? {}, context, owner)})`;
  if (schema.type === "object") return objectOf(schema, context, owner);
  if (schema.type === "string") return stringOf(schema, context, owner);
  if (schema.type === "integer") return integerOf(schema, context, owner);
  if (schema.type === "boolean") return "z.boolean()";
  if (schema.type === undefined) return "z.unknown()";
  throw new Error(`${owner}: no validator for ${literal(schema)}`);
}

function reference(name: string, context: Context, owner: string): string {
  const foreign = FOREIGN_VALIDATORS[name];
  if (foreign !== undefined) {
    if (foreign.parses === true) context.decoded.add(owner);
    const names = context.imports.get(foreign.from) ?? new Set();
    context.imports.set(foreign.from, names.add(foreign.name));
    return foreign.name;
  }
  return fromKit(KIT_VALIDATORS[name], context) ?? validatorName(name);
}

function unionOf(options: readonly Schema[], context: Context, owner: string): string {
  const solid = options.filter((option) => option.type !== "null");
  const parts = solid.map((option) => expression(option, context, owner));
  const [only = "z.never()"] = parts;
  const union = parts.length === 1 ? only : `z.union([${parts.join(", ")}])`;
  return solid.length < options.length ? `z.nullable(${union})` : union;
}

function nullable(types: readonly string[], schema: Schema, context: Context, owner: string): string {
  const [type, ...more] = types.filter((candidate) => candidate !== "null");
  if (type === undefined || more.length > 0) throw new Error(`${owner}: no validator for type ${literal(types)}`);
  const inner = expression({ ...schema, type }, context, owner);
  return types.includes("null") ? `z.nullable(${inner})` : inner;
}

function stringOf(schema: Schema, context: Context, owner: string): string {
  const { format, contentEncoding } = schema;
  if (format !== "base64" && contentEncoding !== "base64") {
    return format === undefined ? "z.string()" : formatOf(schema, context, owner);
  }
  context.decoded.add(owner);
  return use(format === "base64" ? "base64" : "base64Content", context);
}

function integerOf(schema: Schema, context: Context, owner: string): string {
  return formatOf(schema, context, owner);
}

function formatOf({ format = "none" }: Schema, context: Context, owner: string): string {
  const name = FORMATS[format];
  if (name === undefined) throw new Error(`${owner}: no validator for format ${literal(format)}`);
  return use(name, context);
}

function objectOf(schema: Schema, context: Context, owner: string): string {
  const properties = schema.properties ?? {};
  const required = schema.required ?? [];
  const names = [
    ...required,
    ...Object.keys(properties)
      .filter((name) => !required.includes(name))
      .sort(),
  ];
  const open = typeof schema.additionalProperties === "object";
  if (names.length === 0 && open) return use("jsonObject", context);
  const members = names.map(
    (name) => `  ${memberKey(name)}: ${member(properties[name] ?? {}, required.includes(name), context, owner)},\n`,
  );
  const builder = use(open ? "openRecord" : "record", context);
  return members.length === 0
    ? `${builder}(${literal(owner)}, {})`
    : `${builder}(${literal(owner)}, {\n${members.join("")}})`;
}

function member(schema: Schema, required: boolean, context: Context, owner: string): string {
  const value = expression(schema, context, owner);
  if (!required) return `z.exactOptional(${value})`;
  return value === "z.unknown()" ? use("present", context) : value;
}

function fromKit(name: string | undefined, context: Context): string | undefined {
  return name === undefined ? undefined : use(name, context);
}

function use(name: string, context: Context): string {
  context.kit.add(name);
  return name;
}

function imports(own: readonly string[], { kit, imports, decoded }: Context): string {
  const lines = [...imports, ["@holdfast/protocol-kit/zod", kit] as const]
    .sort()
    .map(([from, names]) => `import { ${[...names].sort().join(", ")} } from ${literal(from)};`);
  return [
    ...lines,
    'import * as z from "zod";',
    ...(decoded.size === 0 ? [] : ['import type { Received } from "../received.ts";']),
    ...(own.length === 0 ? [] : ['import type * as T from "../wire-types.ts";']),
    "",
  ].join("\n");
}

function methodSchemas(methods: MethodTable): string {
  const part = (name: string | null) =>
    name === null ? "null" : `{ name: ${literal(name)}, schema: ${validatorOf(name)} }`;
  const rows = methods.map(
    ({ method, params, result }) => `  ${literal(method)}: { params: ${part(params)}, result: ${part(result)} },\n`,
  );
  return `/** The validators of each method. Null: no params, or no result. */\nexport const METHOD_SCHEMAS = {\n${rows.join("")}} as const;\n`;
}

function validatorOf(name: string): string {
  return isOwnedElsewhere(name)
    ? (KIT_VALIDATORS[name] ?? FOREIGN_VALIDATORS[name]?.name ?? name)
    : validatorName(name);
}

function isOwnedElsewhere(name: string): boolean {
  return FOREIGN_VALIDATORS[name] !== undefined || KIT_VALIDATORS[name] !== undefined;
}

/** Names so that each comes after those it refers to. @throws Error for types that contain themselves. */
function inOrderOfUse(roots: readonly string[], catalog: Catalog): string[] {
  const done = new Set<string>();
  const visit = (name: string, above: readonly string[]): void => {
    if (done.has(name)) return;
    if (above.includes(name)) throw new Error(`type ${name} contains itself: ${[...above, name].join(" > ")}`);
    if (!isOwnedElsewhere(name)) {
      for (const inner of referencedNames(lookUp(name, catalog).schema)) visit(inner, [...above, name]);
    }
    done.add(name);
  };
  for (const root of roots) visit(root, []);
  return [...done];
}
