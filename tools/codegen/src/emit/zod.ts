import { posix } from "node:path";
import type { CodeSettings } from "../api.ts";
import { literal, memberKey, typeName, uniqueNames, validatorName } from "../identifiers.ts";
import type { MethodTable } from "../read/method-table.ts";
import type { Bounds, Member, NumberShape, RecordShape, Shape, TaggedShape, TextShape } from "../schema/shape.ts";
import type { Types } from "../schema/types.ts";
import { withoutCatchAll } from "./catch-all.ts";
import { commonMembers } from "./common-members.ts";

/** A source file of validators: the types in it, and where the others are. */
export interface ValidatorModule {
  /** Path of the file, relative to the folder of all of them. */
  readonly path: string;
  readonly types: readonly string[];
  /** Methods whose table stands at the end of the file. */
  readonly methods: MethodTable;
}

/** What one run over a module needs to know. */
interface Context {
  readonly types: Types;
  readonly settings: CodeSettings;
  /** Names used from the schema kit. */
  readonly kit: Set<string>;
  /** Names imported from elsewhere, by specifier. */
  readonly imports: Map<string, Set<string>>;
  /** The file of each type. */
  readonly homes: ReadonlyMap<string, string>;
  readonly path: string;
}

/**
 * The validators of a module, as source. Each is made when it is first asked for, so that a program pays for the messages
 * that it sees, and types may contain each other.
 */
export function emitValidators(
  { path, types: own, methods }: ValidatorModule,
  types: Types,
  settings: CodeSettings,
  homes: ReadonlyMap<string, string>,
): string {
  uniqueNames(own, validatorName, (name) => `type ${name}`);
  const context: Context = { types, settings, kit: new Set(), imports: new Map(), homes, path };
  const declarations = own.map((name) => declaration(name, context));
  const table = methods.length === 0 ? [] : [methodSchemas(methods, context)];
  return [header(own, context), ...declarations, ...table].join("\n");
}

function declaration(name: string, context: Context): string {
  const { types, settings } = context;
  const value = expression(types.shape(name), context, name);
  const wire = `T.${typeName(name)}`;
  const type = isReadAsOther(name, context) ? `Received<${wire}>` : wire;
  const typed = use(settings.agreement === "build" ? "proven" : "typed", context);
  // The checker can not follow a type through itself.
  const annotation = types.isCyclic(name) ? `: Typed<${type}>` : "";
  return `export const ${validatorName(name)}${annotation} = ${typed}<${type}>(() => ${value});\n`;
}

/** Whether receivers get something else than the wire type: its base64 decoded, or a part of it parsed. */
function isReadAsOther(name: string, { types, settings }: Context): boolean {
  if (settings.received === null) return false;
  const parsed = Object.entries(settings.foreign).filter(([, { parses }]) => parses === true);
  return types.holdsBase64(name) || types.refersTo(name, new Set(parsed.map(([each]) => each)));
}

function expression(shape: Shape, context: Context, owner: string): string {
  const inner = (part: Shape): string => expression(part, context, owner);
  switch (shape.kind) {
    case "anything":
      return "z.unknown()";
    case "null":
      return "z.null()";
    case "boolean":
      return "z.boolean()";
    case "words":
      return words(shape.words, context);
    case "text":
      return text(shape, context, owner);
    case "number":
      return number(shape, context);
    case "list":
      return within(`z.array(${inner(shape.items)})`, "itemsWithin", [shape.minItems, shape.maxItems], context);
    case "record":
      return record(shape, context, owner);
    case "map":
      return `${use("mapOf", context)}(${inner(shape.values)})`;
    case "reference":
      return reference(shape.name, context, owner);
    case "nullable":
      return `z.nullable(${inner(shape.of)})`;
    case "union":
      return anyOf(arms(shape.arms, context, owner), context);
    case "exclusive":
      return `${isTolerable(context) ? use("oneOf", context) : "z.xor"}([${shape.arms.map(inner).join(", ")}])`;
    case "all":
      return shape.parts.map(inner).reduce((left, right) => `z.intersection(${left}, ${right})`);
    case "tagged":
      return tagged(shape, context, owner);
    case "variants": {
      const members = [...shape.members].map(([name, part]) => `${memberKey(name)}: ${inner(part)}`);
      return `${use("variants", context)}([${shape.words.map(literal).join(", ")}], { ${members.join(", ")} })`;
    }
  }
}

function tagged(shape: TaggedShape, context: Context, owner: string): string {
  const { tag, arms } = shape;
  const common = isTolerable(context) ? commonMembers(shape) : [];
  const members = [...arms].map(([word, records]) => {
    const [only, ...more] = records.map((shape) => record(shape, context, owner));
    return `${memberKey(word)}: ${only === undefined || more.length === 0 ? only : anyOf([only, ...more], context)}`;
  });
  const rest = common.length === 0 ? [] : [record({ kind: "record", members: common, rest: "kept" }, context, owner)];
  return `${use("tagged", context)}(${[literal(tag), `{ ${members.join(", ")} }`, ...rest].join(", ")})`;
}

function reference(name: string, context: Context, owner: string): string {
  const { foreign, byHand } = context.settings;
  const owned = foreign[name];
  if (owned !== undefined) return imported(owned.name, owned.from, context);
  const written = byHand[name];
  if (written !== undefined) return use(written, context);
  const home = context.homes.get(name);
  if (home === undefined) throw new Error(`${owner}: type ${name} is in no file of validators`);
  const validator = validatorName(name);
  if (home !== context.path) imported(validator, `./${home}`, context);
  return context.types.isOfOneCycle(name, owner) ? `z.lazy(${validator})` : `${validator}()`;
}

function arms(shapes: readonly Shape[], context: Context, owner: string): readonly string[] {
  if (!isTolerable(context)) return shapes.map((shape) => expression(shape, context, owner));
  return withoutCatchAll(shapes).map((arm) =>
    typeof arm === "string" ? use(arm, context) : expression(arm, context, owner),
  );
}

function anyOf(arms: readonly string[], context: Context): string {
  return `${isTolerable(context) ? use("anyOf", context) : "z.union"}([${arms.join(", ")}])`;
}

function isTolerable({ settings }: Context): boolean {
  return settings.unknownWords === "tolerable";
}

function words(values: readonly unknown[], context: Context): string {
  const isText = values.every((value) => typeof value === "string");
  if (isTolerable(context) && isText) return `${use("words", context)}([${values.map(literal).join(", ")}])`;
  if (values.length === 1) return `z.literal(${literal(values[0])})`;
  const list = `[${values.map(literal).join(", ")}]`;
  return isText ? `z.enum(${list})` : `z.literal(${list})`;
}

function text(shape: TextShape, context: Context, owner: string): string {
  const { format, isBase64, minLength, maxLength, pattern } = shape;
  if (isBase64) return use("base64", context);
  if (format === "uuid") return use("uuid", context);
  if (format !== undefined)
    throw new Error(`${owner}: format ${literal(format)} is checked by the package that owns it`);
  const matched = pattern === undefined ? "z.string()" : `${use("matching", context)}(${literal(pattern)})`;
  return within(matched, "textWithin", [minLength, maxLength], context);
}

function number({ isWhole, format, bounds }: NumberShape, context: Context): string {
  const name = format ?? (isWhole ? "integer" : undefined);
  const plain = name === undefined ? "z.number()" : use(name, context);
  if (Object.keys(bounds).length === 0) return plain;
  return `${use("bounded", context)}(${plain}, ${boundsText(bounds)})`;
}

function boundsText(bounds: Bounds): string {
  const members = Object.entries(bounds).map(([name, bound]) => `${name}: ${bound}`);
  return `{ ${members.join(", ")} }`;
}

function within(
  plain: string,
  check: string,
  [min, max]: readonly [number | undefined, number | undefined],
  context: Context,
): string {
  if (min === undefined && max === undefined) return plain;
  return `${use(check, context)}(${plain}, ${min ?? 0}, ${max ?? "Number.POSITIVE_INFINITY"})`;
}

function record({ members, rest }: RecordShape, context: Context, owner: string): string {
  if (members.length === 0 && rest === "kept") return use("jsonObject", context);
  const lines = members.map((member) => `  ${memberKey(member.name)}: ${memberValue(member, context, owner)},\n`);
  const builder = { open: "record", kept: "openRecord", refused: "closedRecord" };
  const shape = lines.length === 0 ? "{}" : `{\n${lines.join("")}}`;
  if (typeof rest === "string") return `${use(builder[rest], context)}(${literal(owner)}, ${shape})`;
  return `${use("recordOf", context)}(${literal(owner)}, ${shape}, ${expression(rest, context, owner)})`;
}

function memberValue({ name, shape, isRequired }: Member, context: Context, owner: string): string {
  const isLate = shape.kind === "text" && shape.isBase64 && context.settings.lateBase64.includes(`${owner}.${name}`);
  const value = isLate ? use("base64Content", context) : expression(shape, context, owner);
  if (!isRequired) return `z.exactOptional(${value})`;
  return value === "z.unknown()" ? use("present", context) : value;
}

function use(name: string, context: Context): string {
  context.kit.add(name);
  return name;
}

function imported(name: string, from: string, { imports }: Context): string {
  imports.set(from, (imports.get(from) ?? new Set()).add(name));
  return name;
}

function header(own: readonly string[], context: Context): string {
  const { settings, kit, imports, path } = context;
  const named = (names: Iterable<string>, from: string) =>
    `import { ${[...names].sort().join(", ")} } from ${literal(specifier(path, from))};`;
  const outside = [...imports].sort().map(([from, names]) => named(names, from));
  const usesReceived = own.some((name) => isReadAsOther(name, context));
  const annotated = own.some((name) => context.types.isCyclic(name));
  return [
    ...outside,
    'import * as z from "zod";',
    ...(usesReceived && settings.received !== null
      ? [`import type { Received } from ${literal(specifier(path, settings.received))};`]
      : []),
    ...(kit.size > 0 || annotated
      ? [named([...kit, ...(annotated ? ["type Typed"] : [])], `${settings.kit}/zod`)]
      : []),
    ...(own.length === 0 ? [] : [`import type * as T from ${literal(specifier(path, settings.types))};`]),
    "",
  ].join("\n");
}

/** A specifier that is told from the folder of all modules, as seen from one of them. */
function specifier(path: string, from: string): string {
  if (!from.startsWith(".")) return from;
  const relative = posix.relative(posix.dirname(path), from);
  return relative.startsWith(".") ? relative : `./${relative}`;
}

function methodSchemas(methods: MethodTable, context: Context): string {
  const part = (name: string | null) =>
    name === null
      ? "null"
      : `{ name: ${literal(name)}, get schema() { return ${reference(name, context, "METHOD_SCHEMAS")}; } }`;
  const rows = methods.map(
    ({ method, params, result }) => `  ${literal(method)}: { params: ${part(params)}, result: ${part(result)} },\n`,
  );
  return `/** The validators of each method. Null: no params, or no result. */\nexport const METHOD_SCHEMAS = {\n${rows.join("")}} as const;\n`;
}
