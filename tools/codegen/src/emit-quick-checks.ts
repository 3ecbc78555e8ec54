import { FOREIGN_VALIDATORS, KIT_VALIDATORS } from "./apis.ts";
import { literal, typeName } from "./identifiers.ts";
import { definitionName, type Schema } from "./json-schema.ts";
import { type MethodTable, rowsOf } from "./method-table.ts";
import { type Catalog, lookUp } from "./schema-files.ts";

/** Type guards of the kit, by JSON type or format. */
const GUARDS: Readonly<Record<string, string>> = {
  string: "isString",
  boolean: "isBoolean",
  uint16: "isUint16",
  uint32: "isUint32",
  uint64: "isUint64",
  int32: "isInt32",
  int64: "isInt64",
};

const IDENTIFIER = /^[a-z]\w*$/i;

/** A member of a record that can be checked in one look. */
interface QuickMember {
  readonly name: string;
  readonly isRequired: boolean;
  readonly isNullable: boolean;
  readonly kind: "base64" | "words" | "guarded";
  /** The guard's name, or the words that it may be. */
  readonly test: string | readonly unknown[];
}

/**
 * Plain code for the messages that there are most of, as source: it takes what is as it should be, and leaves everything
 * else to the validators, which say what is wrong. Only for types whose members are plain values.
 */
export function emitQuickChecks(catalog: Catalog, methods: MethodTable): string {
  const used = new Set<string>();
  const notices = entries(
    rowsOf(methods, "notice", "server").map(({ method, params }) => [method, params]),
    catalog,
    used,
  );
  const results = entries(
    rowsOf(methods, "request", "client").map(({ method, result }) => [method, result]),
    catalog,
    used,
  );
  const params = entries(
    rowsOf(methods, "request", "client").map((row) => [row.method, row.params]),
    catalog,
    used,
  );
  return [
    `import { ${[...used].sort().join(", ")}, type QuickCheck } from "@holdfast/protocol-kit";`,
    'import type { Received } from "../received.ts";',
    'import type * as T from "../wire-types.ts";',
    'import type { ClientRequests, ServerNotices } from "./stub-types.gen.ts";',
    "",
    "/** Notices that servers send. */",
    "export const QUICK_NOTICES: { readonly [M in keyof ServerNotices]?: QuickCheck<Received<ServerNotices[M]>> } = {",
    ...notices,
    "};",
    "",
    "/** Results of requests that clients send. */",
    'export const QUICK_RESULTS: { readonly [M in keyof ClientRequests]?: QuickCheck<Received<ClientRequests[M]["result"]>> } = {',
    ...results,
    "};",
    "",
    "/** Params of requests that clients send. */",
    'export const QUICK_PARAMS: { readonly [M in keyof ClientRequests]?: QuickCheck<Received<ClientRequests[M]["params"]>> } = {',
    ...params,
    "};",
    "",
  ].join("\n");
}

function entries(
  types: readonly (readonly [method: string, type: string | null])[],
  catalog: Catalog,
  used: Set<string>,
): string[] {
  return types.flatMap(([method, type]) => {
    const members = type === null ? undefined : membersOf(type, catalog);
    return type === null || members === undefined ? [] : [check(method, type, members, used)];
  });
}

function check(method: string, type: string, members: readonly QuickMember[], used: Set<string>): string {
  const required = members.filter(({ isRequired }) => isRequired);
  const optional = members.filter(({ isRequired }) => !isRequired);
  return [
    `  ${literal(method)}: ({ ${members.map(({ name }) => name).join(", ")} }) => {`,
    ...required.flatMap((member) => steps(member, used)),
    `    const checked: Received<T.${typeName(type)}> = { ${required.map(assigned).join(", ")} };`,
    ...optional.flatMap((member) => [
      `    if (${member.name} !== undefined) {`,
      ...steps(member, used).map((line) => `  ${line}`),
      `      checked.${member.name} = ${checkedValue(member)};`,
      "    }",
    ]),
    "    return checked;",
    "  },",
  ].join("\n");
}

/** Lines that leave the function unless the member is as it should be. */
function steps(member: QuickMember, used: Set<string>): string[] {
  const { name, kind, test, isNullable } = member;
  const orNull = isNullable ? `${name} !== null && ` : "";
  if (kind === "base64") {
    used.add("bytesOf");
    const bytes = isNullable ? `${name} === null ? null : bytesOf(${name})` : `bytesOf(${name})`;
    return [`    const ${name}Bytes = ${bytes};`, `    if (${name}Bytes === undefined) return undefined;`];
  }
  if (kind === "words" && typeof test !== "string") {
    return [`    if (${orNull}${test.map((word) => `${name} !== ${literal(word)}`).join(" && ")}) return undefined;`];
  }
  used.add(String(test));
  return [`    if (${orNull}!${String(test)}(${name})) return undefined;`];
}

function checkedValue({ name, kind }: QuickMember): string {
  return kind === "base64" ? `${name}Bytes` : name;
}

function assigned(member: QuickMember): string {
  return member.kind === "base64" ? `${member.name}: ${checkedValue(member)}` : member.name;
}

/** Undefined for a type with anything but plain values under plain names. */
function membersOf(type: string, catalog: Catalog): readonly QuickMember[] | undefined {
  const { schema } = lookUp(type, catalog);
  if (schema.type !== "object" || typeof schema.additionalProperties === "object") return undefined;
  const members: QuickMember[] = [];
  for (const [name, inner] of Object.entries(schema.properties ?? {})) {
    const member = memberOf(name, inner, schema.required?.includes(name) === true, catalog);
    if (member === undefined || !IDENTIFIER.test(name)) return undefined;
    members.push(member);
  }
  return members.length === 0 ? undefined : members;
}

function memberOf(name: string, schema: Schema, isRequired: boolean, catalog: Catalog): QuickMember | undefined {
  const nullable = withoutNull(schema);
  if (nullable !== undefined) {
    const member = memberOf(name, nullable, isRequired, catalog);
    return member === undefined ? undefined : { ...member, isNullable: true };
  }
  if (schema.$ref !== undefined) {
    const target = definitionName(schema.$ref);
    if (FOREIGN_VALIDATORS[target] !== undefined || KIT_VALIDATORS[target] !== undefined) return undefined;
    return memberOf(name, lookUp(target, catalog).schema, isRequired, catalog);
  }
  const rest = { name, isRequired, isNullable: false };
  if (schema.const !== undefined) return { ...rest, kind: "words", test: [schema.const] };
  if (schema.enum !== undefined) return { ...rest, kind: "words", test: schema.enum };
  if (schema.format === "base64") return { ...rest, kind: "base64", test: "" };
  const guard = GUARDS[schema.format ?? String(schema.type)];
  return guard === undefined ? undefined : { ...rest, kind: "guarded", test: guard };
}

/** The schema of what a value is that may also be null. */
function withoutNull(schema: Schema): Schema | undefined {
  if (Array.isArray(schema.type) && schema.type.includes("null")) {
    const [type, ...more] = schema.type.filter((candidate) => candidate !== "null");
    return type === undefined || more.length > 0 ? undefined : { ...schema, type };
  }
  const solid = schema.anyOf?.filter(({ type }) => type !== "null");
  return solid?.length === 1 ? solid[0] : undefined;
}
