import type { CodeSettings } from "../api.ts";
import { literal, typeName } from "../identifiers.ts";
import { type MethodTable, rowsOf } from "../read/method-table.ts";
import type { Shape } from "../schema/shape.ts";
import type { Types } from "../schema/types.ts";

/** Type guards of the kit, by the format of a number. */
const GUARDS: Readonly<Record<string, string>> = {
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
export function emitQuickChecks(types: Types, methods: MethodTable, settings: CodeSettings): string {
  const used = new Set<string>();
  const notices = entries(
    rowsOf(methods, "notice", "server").map(({ method, params }) => [method, params]),
    types,
    settings,
    used,
  );
  const results = entries(
    rowsOf(methods, "request", "client").map(({ method, result }) => [method, result]),
    types,
    settings,
    used,
  );
  const params = entries(
    rowsOf(methods, "request", "client").map((row) => [row.method, row.params]),
    types,
    settings,
    used,
  );
  return [
    `import { ${[...used].sort().join(", ")}, type QuickCheck } from ${literal(settings.kit)};`,
    `import type { Received } from ${literal(settings.received)};`,
    `import type * as T from ${literal(settings.types)};`,
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
  messages: readonly (readonly [method: string, type: string | null])[],
  types: Types,
  settings: CodeSettings,
  used: Set<string>,
): string[] {
  return messages.flatMap(([method, type]) => {
    const members = type === null ? undefined : membersOf(type, types, settings);
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
function membersOf(type: string, types: Types, settings: CodeSettings): readonly QuickMember[] | undefined {
  const record = types.shape(type);
  if (record.kind !== "record" || record.rest !== "open") return undefined;
  const members: QuickMember[] = [];
  for (const { name, shape, isRequired } of record.members) {
    const member = memberOf(name, shape, isRequired, types, settings);
    if (member === undefined || !IDENTIFIER.test(name)) return undefined;
    // What a method looks at itself is not decoded here.
    if (member.kind === "base64" && settings.lateBase64.includes(`${type}.${name}`)) return undefined;
    members.push(member);
  }
  return members.length === 0 ? undefined : members;
}

function memberOf(
  name: string,
  shape: Shape,
  isRequired: boolean,
  types: Types,
  settings: CodeSettings,
): QuickMember | undefined {
  const rest = { name, isRequired, isNullable: false };
  switch (shape.kind) {
    case "nullable": {
      const member = memberOf(name, shape.of, isRequired, types, settings);
      return member === undefined ? undefined : { ...member, isNullable: true };
    }
    case "reference":
      if (settings.foreign[shape.name] !== undefined || settings.byHand[shape.name] !== undefined) return undefined;
      return memberOf(name, types.shape(shape.name), isRequired, types, settings);
    case "words":
      return { ...rest, kind: "words", test: shape.words };
    case "boolean":
      return { ...rest, kind: "guarded", test: "isBoolean" };
    case "text": {
      if (shape.isBase64) return { ...rest, kind: "base64", test: "" };
      const isPlain = [shape.format, shape.minLength, shape.maxLength, shape.pattern].every(
        (part) => part === undefined,
      );
      return isPlain ? { ...rest, kind: "guarded", test: "isString" } : undefined;
    }
    case "number": {
      const guard = GUARDS[shape.format ?? ""];
      const isPlain = Object.keys(shape.bounds).length === 0;
      return guard === undefined || !isPlain ? undefined : { ...rest, kind: "guarded", test: guard };
    }
    default:
      return undefined;
  }
}
