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
  readonly kind: "base64" | "words" | "guarded" | "record" | "foreign" | "foreignList";
  /** The guard's name, the words that it may be, or the type of a record or of what another package reads. */
  readonly test: string | readonly unknown[];
}

/** How many records may lie within each other; a type may lie in itself. */
const MAX_LEVELS = 2;

/** What the checks of one protocol are made from, and what they turn out to need. */
interface Emission {
  readonly types: Types;
  readonly settings: CodeSettings;
  /** Names of the kit. */
  readonly used: Set<string>;
  /** Names of other packages, by the package. */
  readonly usedForeign: Map<string, Set<string>>;
  /** Functions for records within messages, by their types. */
  readonly inner: Map<string, string>;
}

/**
 * Plain code for the messages that there are most of, as source: it takes what is as it should be, and leaves everything
 * else to the validators, which say what is wrong. Only for types whose members are plain values, or records of some.
 */
export function emitQuickChecks(types: Types, methods: MethodTable, settings: CodeSettings): string {
  const emission: Emission = { types, settings, used: new Set(), usedForeign: new Map(), inner: new Map() };
  const tables: readonly [CodeSettings["quick"][number], string, readonly (readonly [string, string | null])[]][] = [
    [
      "notices",
      "Notices that servers send.",
      rowsOf(methods, "notice", "server").map((row) => [row.method, row.params]),
    ],
    [
      "results",
      "Results of requests that clients send.",
      rowsOf(methods, "request", "client").map((row) => [row.method, row.result]),
    ],
    [
      "params",
      "Params of requests that clients send.",
      rowsOf(methods, "request", "client").map((row) => [row.method, row.params]),
    ],
  ];
  const wanted = tables.filter(([kind]) => settings.quick.includes(kind));
  const sources = wanted.flatMap(([kind, doc, messages]) => [
    `/** ${doc} */`,
    `export const QUICK_${kind.toUpperCase()}: { ${memberType(kind, settings)} } = {`,
    ...entries(messages, emission),
    "};",
    "",
  ]);
  const owners = [...new Set(wanted.map(([kind]) => (kind === "notices" ? "ServerNotices" : "ClientRequests")))].sort();
  return [
    ...[...emission.usedForeign]
      .sort()
      .map(([from, names]) => `import { ${[...names].sort().join(", ")} } from ${literal(from)};`),
    `import { ${[...[...emission.used].sort(), "type QuickCheck"].join(", ")} } from ${literal(settings.kit)};`,
    ...(settings.received === null ? [] : [`import type { Received } from ${literal(settings.received)};`]),
    `import type * as T from ${literal(settings.types)};`,
    `import type { ${owners.join(", ")} } from "./stub-types.gen.ts";`,
    "",
    ...sources,
    ...[...emission.inner.values()].flatMap((source) => [source, ""]),
  ].join("\n");
}

function memberType(kind: CodeSettings["quick"][number], settings: CodeSettings): string {
  const owner = kind === "notices" ? "ServerNotices" : "ClientRequests";
  const message = kind === "notices" ? `${owner}[M]` : `${owner}[M]["${kind === "params" ? "params" : "result"}"]`;
  return `readonly [M in keyof ${owner}]?: QuickCheck<${receivedAs(message, settings)}>`;
}

function receivedAs(type: string, { received }: CodeSettings): string {
  return received === null ? type : `Received<${type}>`;
}

function entries(messages: readonly (readonly [method: string, type: string | null])[], emission: Emission): string[] {
  return messages.flatMap(([method, type]) => {
    const members = type === null ? undefined : membersOf(type, emission);
    if (type === null || members === undefined) return [];
    const head = `  ${literal(method)}: ({ ${members.map(({ name }) => name).join(", ")} }) => {`;
    return [[head, ...body(type, members, emission).map((line) => `  ${line}`), "  },"].join("\n")];
  });
}

/** What a check of a record does with its members. */
function body(type: string, members: readonly QuickMember[], emission: Emission): string[] {
  const required = members.filter(({ isRequired }) => isRequired);
  const optional = members.filter(({ isRequired }) => !isRequired);
  return [
    ...required.flatMap((member) => steps(member, emission)),
    `  const checked: ${receivedAs(`T.${typeName(type)}`, emission.settings)} = { ${required.map(assigned).join(", ")} };`,
    ...optional.flatMap((member) => [
      `  if (${member.name} !== undefined) {`,
      ...steps(member, emission).map((line) => `  ${line}`),
      `    checked.${member.name} = ${checkedValue(member)};`,
      "  }",
    ]),
    "  return checked;",
  ];
}

/** The name of a function that checks a record within a message. */
function innerCheck(type: string, emission: Emission): string {
  const name = `quick${typeName(type)}`;
  if (emission.inner.has(type)) return name;
  const members = membersOf(type, emission) ?? [];
  emission.used.add("isRecord");
  const source = [
    `function ${name}(value: unknown): ${receivedAs(`T.${typeName(type)}`, emission.settings)} | undefined {`,
    "  if (!isRecord(value)) return undefined;",
    `  const { ${members.map(({ name }) => name).join(", ")} } = value;`,
    ...body(type, members, emission),
    "}",
  ];
  emission.inner.set(type, source.join("\n"));
  return name;
}

/** Lines that leave the function unless the member is as it should be. */
function steps(member: QuickMember, emission: Emission): string[] {
  const { name, kind, test, isNullable } = member;
  const orNull = isNullable ? `${name} !== null && ` : "";
  const converted = (check: string): string[] => {
    const value = isNullable ? `${name} === null ? null : ${check}(${name})` : `${check}(${name})`;
    return [
      `  const ${checkedValue(member)} = ${value};`,
      `  if (${checkedValue(member)} === undefined) return undefined;`,
    ];
  };
  if (kind === "base64") {
    emission.used.add("bytesOf");
    return converted("bytesOf");
  }
  if (kind === "record") return converted(innerCheck(String(test), emission));
  if (kind === "foreign") return converted(foreignCheck(String(test), emission));
  if (kind === "foreignList") {
    const check = foreignCheck(String(test), emission);
    emission.used.add("listOf");
    const value = isNullable ? `${name} === null ? null : listOf(${name}, ${check})` : `listOf(${name}, ${check})`;
    return [
      `  const ${checkedValue(member)} = ${value};`,
      `  if (${checkedValue(member)} === undefined) return undefined;`,
    ];
  }
  if (kind === "words" && typeof test !== "string") {
    return [`  if (${orNull}${test.map((word) => `${name} !== ${literal(word)}`).join(" && ")}) return undefined;`];
  }
  emission.used.add(String(test));
  return [`  if (${orNull}!${String(test)}(${name})) return undefined;`];
}

/** The name of the function by which another package reads its type. */
function foreignCheck(type: string, { settings, usedForeign }: Emission): string {
  const quick = settings.foreign[type]?.quick;
  if (quick === undefined) throw new Error(`${type} has no quick check`);
  usedForeign.set(quick.from, (usedForeign.get(quick.from) ?? new Set()).add(quick.name));
  return quick.name;
}

const CHECKED_VALUES: Readonly<Record<QuickMember["kind"], string>> = {
  base64: "Bytes",
  record: "Record",
  foreign: "Value",
  foreignList: "List",
  words: "",
  guarded: "",
};

function checkedValue({ name, kind }: QuickMember): string {
  return name + CHECKED_VALUES[kind];
}

function assigned(member: QuickMember): string {
  const value = checkedValue(member);
  return value === member.name ? value : `${member.name}: ${value}`;
}

/** Undefined for a type with anything but plain values under plain names, or records of such. */
function membersOf(
  type: string,
  emission: Pick<Emission, "types" | "settings">,
  level = 0,
): readonly QuickMember[] | undefined {
  const { types, settings } = emission;
  const record = types.shape(type);
  if (record.kind !== "record" || record.rest !== "open") return undefined;
  const members: QuickMember[] = [];
  for (const { name, shape, isRequired } of record.members) {
    const member = memberOf(name, shape, isRequired, emission);
    if (member === undefined || !IDENTIFIER.test(name)) return undefined;
    // What a method looks at itself is not decoded here.
    if (member.kind === "base64" && settings.lateBase64.includes(`${type}.${name}`)) return undefined;
    if (member.kind === "record") {
      if (level === MAX_LEVELS || membersOf(String(member.test), emission, level + 1) === undefined) return undefined;
    }
    members.push(member);
  }
  return members.length === 0 ? undefined : members;
}

function memberOf(
  name: string,
  shape: Shape,
  isRequired: boolean,
  emission: Pick<Emission, "types" | "settings">,
): QuickMember | undefined {
  const { types, settings } = emission;
  const rest = { name, isRequired, isNullable: false };
  switch (shape.kind) {
    case "nullable": {
      const member = memberOf(name, shape.of, isRequired, emission);
      return member === undefined ? undefined : { ...member, isNullable: true };
    }
    case "list": {
      const { items, minItems, maxItems } = shape;
      const isPlain = minItems === undefined && maxItems === undefined && items.kind === "reference";
      const hasQuick = isPlain && settings.foreign[items.name]?.quick !== undefined;
      return hasQuick ? { ...rest, kind: "foreignList", test: items.name } : undefined;
    }
    case "reference":
      if (settings.foreign[shape.name]?.quick !== undefined) return { ...rest, kind: "foreign", test: shape.name };
      if (settings.foreign[shape.name] !== undefined || settings.byHand[shape.name] !== undefined) return undefined;
      if (types.shape(shape.name).kind === "record") return { ...rest, kind: "record", test: shape.name };
      return memberOf(name, types.shape(shape.name), isRequired, emission);
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
